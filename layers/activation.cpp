#include "layers/activation.h"

#include "core/error.h"
#include "kernels/activation.h"

namespace lrcn {
namespace {

struct ActivationKernels {
  const char* name;
  const Op<ActivationForwardFunction>& forward;
  const Op<ActivationBackwardFunction>& backward;
};

constexpr ActivationKernels kernels_of(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu:
      return {"relu", relu_forward, relu_backward};
    case ActivationKind::sigmoid:
      return {"sigmoid", sigmoid_forward, sigmoid_backward};
    case ActivationKind::tanh:
      return {"tanh", tanh_forward, tanh_backward};
  }
}

}  // namespace

template <ActivationKind kind>
std::string_view ActivationLayer<kind>::type() const {
  return kernels_of(kind).name;
}

template <ActivationKind kind>
std::vector<TensorSpec> ActivationLayer<kind>::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_layout(0);
  planner.accept_dtype(0);
  const TensorSpec& x = planner.input(0);
  check(is_real(x.dtype), "x must be f32 or bf16, got ", x);
  planner.keep_output(0);
  return {x};
}

// y = f(x)
template <ActivationKind kind>
void ActivationLayer<kind>::forward(Context& context, const Frame& frame) {
  kernels_of(kind).forward(context, frame.x[0], frame.y[0]);
}

// dx = dy f'(x), by way of y
template <ActivationKind kind>
void ActivationLayer<kind>::backward(Context& context, const Frame& frame) {
  kernels_of(kind).backward(context, frame.y[0], frame.dy[0], frame.dx[0]);
}

template class ActivationLayer<ActivationKind::relu>;
template class ActivationLayer<ActivationKind::sigmoid>;
template class ActivationLayer<ActivationKind::tanh>;

}  // namespace lrcn
