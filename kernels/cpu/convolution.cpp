#include "kernels/convolution.h"

#include "kernels/cpu/plain_convolution.h"

#if LRCN_HAS_ONEDNN
#include "kernels/cpu/onednn_convolution.h"
#endif

namespace lrcn::cpu {

std::unique_ptr<ConvolutionKernel> plan_convolution([[maybe_unused]] Context& context,
                                                    const ConvolutionProblem& problem) {
  convolution_shape(problem);
  check_convolution_of_floats(problem, "the CPU");
  check(!problem.pool, "convolution: the CPU pools apart from it, got a problem with pool");
#if LRCN_HAS_ONEDNN
  if (problem.algorithm != ConvolutionAlgorithm::plain) {
    return plan_onednn_convolution(context, problem);
  }
#endif
  return plan_plain_convolution(problem);
}

bool convolution_pools(Context&) { return false; }

}  // namespace lrcn::cpu
