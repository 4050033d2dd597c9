// All steps of an LSTM in one kernel that keeps W_hh on the chip.
#pragma once

#include <memory>

#include "kernels/cuda/lstm_shape.h"
#include "kernels/cuda/lstm_steps.h"

namespace lrcn::cuda {

// Nothing when no shape fits the limits, or the device does not run as many blocks at the same
// time. T: float, BFloat16.
template <class T>
std::unique_ptr<LstmForwardSteps<T>> plan_persistent_forward(Context& context,
                                                             const LstmProblem& problem,
                                                             const LstmPersistentLimits& limits);
template <class T>
std::unique_ptr<LstmBackwardSteps<T>> plan_persistent_backward(Context& context,
                                                               const LstmProblem& problem,
                                                               const LstmPersistentLimits& limits);

}  // namespace lrcn::cuda
