#include "layers/lrn.h"

#include "core/error.h"
#include "layers/slot.h"

namespace lrcn {

std::vector<TensorSpec> Lrn::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_layout(0);
  planner.accept_dtype(0);
  const TensorSpec& x = planner.input(0);
  check(is_real(x.dtype) && x.shape.rank() == 4, "x must be f32 or bf16 [N,C,H,W], got ", x);
  kernel_ = plan_lrn(planner.context(), {.x = x,
                                         .size = options_.size,
                                         .alpha = options_.alpha,
                                         .beta = options_.beta,
                                         .k = options_.k,
                                         .backward = planner.backward()});
  saved_slot_ = planner.saved("saved", bytes_spec(kernel_->saved_bytes()));
  scratch_slot_ = planner.scratch("scratch", bytes_spec(kernel_->scratch_bytes()));
  planner.keep_input(0);
  return {kernel_->x_spec()};
}

// y = x / (k + alpha / size * sum of the neighbouring x^2)^beta
void Lrn::forward(Context& context, const Frame& frame) {
  kernel_->forward(context, {.x = frame.x[0],
                             .y = frame.y[0],
                             .saved = slot_of(frame, saved_slot_),
                             .scratch = slot_of(frame, scratch_slot_)});
}

// dx: derivative of the above, which reaches size channels
void Lrn::backward(Context& context, const Frame& frame) {
  kernel_->backward(context, {.x = frame.x[0],
                              .dy = frame.dy[0],
                              .saved = slot_of(frame, saved_slot_),
                              .dx = frame.dx[0],
                              .scratch = slot_of(frame, scratch_slot_)});
}

}  // namespace lrcn
