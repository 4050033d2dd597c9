// Convolution by the loops of its definition, in the plain layout: the one that needs no library,
// and the one that the others are measured against.
#pragma once

#include "kernels/convolution.h"

namespace lrcn::cpu {

std::unique_ptr<ConvolutionKernel> plan_plain_convolution(const ConvolutionProblem& problem);

}  // namespace lrcn::cpu
