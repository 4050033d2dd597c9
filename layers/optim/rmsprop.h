// RMSprop as in Torch7 (kernels/optimizer.h: rmsprop_update).
#pragma once

#include "layers/optim/flat_state.h"
#include "layers/optim/optimizer.h"

namespace lrcn {

class RmsProp final : public Optimizer {
 public:
  // Throws ArgumentError unless decay is in [0, 1), epsilon > 0 and weight_decay >= 0.
  explicit RmsProp(const RmsPropOptions& options = {});

  std::string_view type() const override { return "rmsprop"; }
  void step(Context& context, ParamStore& params) override;
  // mean_square/...
  std::vector<NamedTensor> states(const ParamStore& params) override;

 private:
  RmsPropOptions options_;
  FlatState state_;
};

}  // namespace lrcn
