// LSTM sequences by cuDNN.
#pragma once

#include <memory>

#include "kernels/lstm.h"

namespace lrcn::cuda {

// Whether cuDNN computes the problem: sequences that all begin at the first step, with inputs and
// without static gates, that are f32 in memory.
bool cudnn_computes(const LstmProblem& problem);

// Throws DeviceError where there is no cuDNN, and ArgumentError for what it does not compute.
// LstmAlgorithm::persistent asks for its CUDNN_RNN_ALGO_PERSIST_STATIC, which refuses many sizes
// with a DeviceError; everything else is CUDNN_RNN_ALGO_STANDARD. Precisions below f32 permit tf32
// and no less. cuDNN does not promise the same bits every time.
std::unique_ptr<LstmKernel> plan_cudnn_lstm(Context& context, const LstmProblem& problem);

}  // namespace lrcn::cuda
