#include "layers/dropout.h"

#include "core/error.h"

namespace lrcn {

std::vector<TensorSpec> Dropout::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_dtype(0);
  check(is_real(planner.input(0).dtype), "x must be f32 or bf16, got ", planner.input(0));
  check(options_.probability >= 0.0f && options_.probability < 1.0f,
        "probability must be in [0, 1), got ", options_.probability);
  options_.stream = hash_of(planner.path());
  identity_ = planner.phase() == Phase::evaluate || options_.probability == 0.0f;
  if (identity_) {
    planner.accept_layout(0);
    planner.alias_input();
  }
  // Otherwise x is plain: which elements are dropped does not depend on a kernel's layout.
  return {planner.input(0)};
}

// y = mask x / (1 - p)
void Dropout::forward(Context& context, const Frame& frame) {
  if (!identity_) {
    dropout_forward(context, frame.x[0], frame.y[0], options_);
  }
}

// dx = mask dy / (1 - p)
void Dropout::backward(Context& context, const Frame& frame) {
  if (!identity_) {
    dropout_backward(context, frame.dy[0], frame.dx[0], options_);
  }
}

}  // namespace lrcn
