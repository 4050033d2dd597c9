// Plans a convolution on CUDA, by given methods or by those that were found to be the fastest.
#include "kernels/convolution.h"

#include "kernels/cuda/convolution_choice.h"
#include "kernels/cuda/planned_convolution.h"

namespace lrcn::cuda {
namespace {

// A first layer of a few channels reads pictures as they come, unless cuDNN reads them; everything
// else is nhwc.
TensorSpec x_spec_of(const ConvolutionProblem& problem, bool by_cudnn) {
  TensorSpec x = problem.x;
  constexpr std::int64_t kFewChannels = 4;
  if (x.layout != Layout::plain || x.shape[1] > kFewChannels || by_cudnn) {
    x.layout = Layout::nhwc;
  }
  return x;
}

// y before it is pooled.
TensorSpec whole_y_of(ConvolutionProblem problem) {
  convolution_shape(problem);  // refuses what has no window
  problem.pool = false;
  return {convolution_shape(problem), problem.y_dtype, Layout::nhwc};
}

}  // namespace

std::unique_ptr<ConvolutionKernel> plan_convolution_by(Context& context,
                                                       const ConvolutionProblem& problem,
                                                       const ConvolutionMethods& methods) {
  const TensorSpec y = whole_y_of(problem);
  for (const ConvolutionMethod& method : {methods.forward, methods.dx, methods.dw}) {
    check(y.dtype == DType::f32 || method.engine == ConvolutionEngine::direct ||
              method.engine == ConvolutionEngine::bf16 || method.engine == ConvolutionEngine::cudnn,
          kConvolution, ": kernels for bf16 in memory are direct, bf16 or cuDNN, got ", method);
  }
  ConvolutionProblem own = problem;
  own.x = x_spec_of(problem, uses_cudnn(methods));
  return std::make_unique<PlannedConvolution>(problem, own.x, y, methods,
                                              ConvolutionLibrary(context, own, y, methods));
}

std::unique_ptr<ConvolutionKernel> plan_convolution(Context& context,
                                                    const ConvolutionProblem& problem) {
  ConvolutionProblem own = problem;
  const TensorSpec y = whole_y_of(problem);
  own.x = x_spec_of(problem, context.provider() == Provider::cudnn);
  return plan_convolution_by(context, own, decide_methods(context, own, y));
}

bool convolution_pools(Context&) { return true; }

}  // namespace lrcn::cuda
