#include "layers/leaky_relu.h"

#include "core/error.h"
#include "kernels/leaky_relu.h"

namespace lrcn {

std::vector<TensorSpec> LeakyRelu::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_layout(0);
  planner.accept_dtype(0);
  const TensorSpec& x = planner.input(0);
  check(is_real(x.dtype), "x must be f32 or bf16, got ", x);
  check(slope_ > 0.0f && slope_ < 1.0f, "slope must be between 0 and 1, got ", slope_);
  planner.keep_output(0);
  return {x};
}

// y = x > 0 ? x : slope x
void LeakyRelu::forward(Context& context, const Frame& frame) {
  leaky_relu_forward(context, frame.x[0], slope_, frame.y[0]);
}

// dx = y > 0 ? dy : slope dy
void LeakyRelu::backward(Context& context, const Frame& frame) {
  leaky_relu_backward(context, frame.y[0], frame.dy[0], slope_, frame.dx[0]);
}

}  // namespace lrcn
