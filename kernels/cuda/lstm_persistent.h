// All steps of an LSTM in one kernel that keeps W_hh on the chip.
#pragma once

#include <memory>

#include "kernels/cuda/lstm_shape.h"
#include "kernels/cuda/lstm_steps.h"

namespace lrcn::cuda {

// Nothing when no shape fits the limits, or the device does not run as many blocks at the same
// time.
std::unique_ptr<LstmForwardSteps> plan_persistent_forward(Context& context,
                                                          const LstmProblem& problem,
                                                          const LstmPersistentLimits& limits);
std::unique_ptr<LstmBackwardSteps> plan_persistent_backward(Context& context,
                                                            const LstmProblem& problem,
                                                            const LstmPersistentLimits& limits);

}  // namespace lrcn::cuda
