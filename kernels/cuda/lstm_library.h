// LSTM sequences by cuDNN.
#pragma once

#include <memory>

#include "kernels/lstm.h"

namespace lrcn::cuda {

// Whether cuDNN computes the problem: sequences that all begin at the first step, with inputs and
// without static gates; bf16 in memory from version 9.13 on.
bool cudnn_computes(const LstmProblem& problem);

// Throws DeviceError where there is no cuDNN, and ArgumentError for what it does not compute.
// LstmAlgorithm::persistent asks for its CUDNN_RNN_ALGO_PERSIST_STATIC, which refuses many sizes
// with a DeviceError; everything else is CUDNN_RNN_ALGO_STANDARD. What is f32 in memory is
// multiplied as tf32 where the precision permits it, and no less; what is bf16, as bf16. There the
// states that go in and out and the gradients of weights are rounded to bf16 too, because cuDNN has
// one type for all. cuDNN does not promise the same bits every time. Its backward throws
// ArgumentError where a gradient of static gates is asked for.
std::unique_ptr<LstmKernel> plan_cudnn_lstm(Context& context, const LstmProblem& problem);

}  // namespace lrcn::cuda
