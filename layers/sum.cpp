#include "layers/sum.h"

#include "core/error.h"
#include "kernels/elementwise.h"
#include "layers/joined_dtype.h"

namespace lrcn {

std::vector<TensorSpec> Sum::plan(Planner& planner) {
  planner.expect_inputs(1, 1024);
  planner.accept_layout(0);
  request_joined_dtype(planner);
  const TensorSpec& first = planner.input(0);
  for (int i = 0; i < planner.input_count(); ++i) {
    const TensorSpec& x = planner.input(i);
    check(is_real(x.dtype) && x.shape == first.shape, "x[", i, "] must be f32 or bf16 ",
          first.shape, " as x[0], got ", x);
    planner.request_layout(i, first.layout);
  }
  return {first};
}

// y = x[0] + x[1] + ...
void Sum::forward(Context& context, const Frame& frame) { sum_of(context, frame.x, frame.y[0]); }

// dx[i] = dy
void Sum::backward(Context& context, const Frame& frame) {
  for (const Tensor& dx : frame.dx) {
    if (dx) {
      copy_to(context, frame.dy[0], dx);
    }
  }
}

}  // namespace lrcn
