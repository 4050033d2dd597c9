// Adam (Kingma and Ba, 2015; kernels/optimizer.h: adam_update).
#pragma once

#include "layers/optim/flat_state.h"
#include "layers/optim/optimizer.h"

namespace lrcn {

// The bias correction counts StepState::step from 0: it has to hold the updates done so far.
class Adam final : public Optimizer {
 public:
  // Throws ArgumentError unless both betas are in [0, 1), epsilon > 0 and weight_decay >= 0.
  explicit Adam(const AdamOptions& options = {});

  std::string_view type() const override { return "adam"; }
  void step(Context& context, ParamStore& params) override;
  // first_moment/... and second_moment/...
  std::vector<NamedTensor> states(const ParamStore& params) override;

 private:
  AdamOptions options_;
  FlatState state_;
};

}  // namespace lrcn
