#include "kernels/cuda/convolution_library.h"

#include <algorithm>
#include <ostream>

#include "core/error.h"
#include "kernels/nvidia_libraries.h"

namespace lrcn::cuda {

std::ostream& operator<<(std::ostream& out, ConvolutionDirection direction) {
  constexpr const char* kNames[] = {"forward", "dx", "dw"};
  return out << kNames[int(direction)];
}

#if !LRCN_HAS_CUDNN
std::unique_ptr<ConvolutionStep> plan_cudnn_convolution(Context&, const ConvolutionProblem&,
                                                        const TensorSpec&, ConvolutionDirection) {
  fail<DeviceError>("convolution: ", cudnn_library().problem);
}
#endif

ConvolutionLibrary::ConvolutionLibrary(Context& context, const ConvolutionProblem& problem,
                                       const TensorSpec& y, const ConvolutionMethods& methods) {
  const auto plan = [&](ConvolutionDirection direction, const ConvolutionMethod& method) {
    std::unique_ptr<ConvolutionStep> step;
    if (method.engine == ConvolutionEngine::cudnn) {
      step = plan_cudnn_convolution(context, problem, y, direction);
      check<DeviceError>(step != nullptr, "convolution: cuDNN has no deterministic ",
                         problem.precision, " kernel for ", direction, " of x ", problem.x,
                         " and y ", y, ", window ", problem.window, ", groups ", problem.groups,
                         "; leave the provider to auto or own");
    }
    return step;
  };
  forward = plan(ConvolutionDirection::forward, methods.forward);
  if (problem.backward) {
    dx = problem.needs_dx ? plan(ConvolutionDirection::dx, methods.dx) : nullptr;
    dw = plan(ConvolutionDirection::dw, methods.dw);
  }
}

std::size_t ConvolutionLibrary::scratch_bytes(std::size_t weights_bytes) const {
  return std::max({forward != nullptr ? forward->scratch_bytes() : 0,
                   dx != nullptr ? dx->scratch_bytes() : 0,
                   dw != nullptr ? dw_scratch_offset(weights_bytes) + dw->scratch_bytes() : 0});
}

}  // namespace lrcn::cuda
