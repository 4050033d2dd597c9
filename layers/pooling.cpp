#include "layers/pooling.h"

#include "core/error.h"
#include "layers/slot.h"

namespace lrcn {

std::vector<TensorSpec> Pooling::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_layout(0);
  planner.accept_dtype(0);
  const TensorSpec& x = planner.input(0);
  check(is_real(x.dtype) && x.shape.rank() == 4, "x must be f32 or bf16 [N,C,H,W], got ", x);
  kernel_ = plan_pooling(planner.context(), {.x = x,
                                             .kind = options_.kind,
                                             .window = options_.window,
                                             .rounding = options_.rounding,
                                             .divisor = options_.divisor,
                                             .backward = planner.backward()});
  saved_slot_ = planner.saved("saved", bytes_spec(kernel_->saved_bytes()));
  scratch_slot_ = planner.scratch("scratch", bytes_spec(kernel_->scratch_bytes()));
  return {kernel_->y_spec()};
}

// y = maximum or average of each window
void Pooling::forward(Context& context, const Frame& frame) {
  kernel_->forward(context, {.x = frame.x[0],
                             .y = frame.y[0],
                             .saved = slot_of(frame, saved_slot_),
                             .scratch = slot_of(frame, scratch_slot_)});
}

// dx = dy at the maximum, or its share at every pixel of the window
void Pooling::backward(Context& context, const Frame& frame) {
  kernel_->backward(context, {.dy = frame.dy[0],
                              .saved = slot_of(frame, saved_slot_),
                              .dx = frame.dx[0],
                              .scratch = slot_of(frame, scratch_slot_)});
}

}  // namespace lrcn
