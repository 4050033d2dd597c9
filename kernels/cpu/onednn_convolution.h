// Convolution by oneDNN.
#pragma once

#include "kernels/convolution.h"

namespace lrcn::cpu {

std::unique_ptr<ConvolutionKernel> plan_onednn_convolution(Context& context,
                                                           const ConvolutionProblem& problem);

}  // namespace lrcn::cpu
