// A convolution as the formula says it: what the same processor does without a library.
#pragma once

#include <memory>

#include "kernels/convolution.h"

namespace lrcn {

// On the CPU, f32, every tensor in the plain layout; loops over rows of pixels that the compiler
// can vectorise, planes on all threads, sums in f32. Throws ArgumentError as plan_convolution does,
// and for relu together with backward.
std::unique_ptr<ConvolutionKernel> plan_plain_convolution(const ConvolutionProblem& problem);

}  // namespace lrcn
