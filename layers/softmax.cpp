#include "layers/softmax.h"

#include "core/error.h"
#include "kernels/softmax.h"

namespace lrcn {

std::vector<TensorSpec> Softmax::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_dtype(0);
  const TensorSpec& x = planner.input(0);
  check(is_real(x.dtype) && x.shape.rank() >= 1 && x.shape[-1] >= 1,
        "x must be f32 or bf16 [...,V] with V >= 1, got ", x);
  planner.keep_output(0);
  return {x};
}

// y = softmax(x) or its logarithm
void Softmax::forward(Context& context, const Frame& frame) {
  const auto& op = options_.logarithm ? log_softmax_forward : softmax_forward;
  op(context, frame.x[0], frame.y[0]);
}

// dx = y (dy - sum y dy), or dy - softmax(x) sum dy
void Softmax::backward(Context& context, const Frame& frame) {
  const auto& op = options_.logarithm ? log_softmax_backward : softmax_backward;
  op(context, frame.y[0], frame.dy[0], frame.dx[0]);
}

}  // namespace lrcn
