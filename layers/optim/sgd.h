// Stochastic gradient descent with Caffe's momentum (kernels/optimizer.h: sgd_update).
#pragma once

#include "layers/optim/flat_state.h"
#include "layers/optim/optimizer.h"

namespace lrcn {

class Sgd final : public Optimizer {
 public:
  // Throws ArgumentError unless 0 <= momentum < 1 and weight_decay >= 0.
  explicit Sgd(const SgdOptions& options = {});

  std::string_view type() const override { return "sgd"; }
  void step(Context& context, ParamStore& params) override;
  // momentum/...
  std::vector<NamedTensor> states(const ParamStore& params) override;

 private:
  SgdOptions options_;
  FlatState state_;
};

}  // namespace lrcn
