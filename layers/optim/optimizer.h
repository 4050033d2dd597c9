// The interface of an optimizer: one update of all trainable parameters.
#pragma once

#include <string_view>
#include <vector>

#include "core/context.h"
#include "layers/graph/param_store.h"
#include "layers/optim/named_tensor.h"

namespace lrcn {

// Learning rate, number of the update and gradient scale are read from the context's
// StepState. Frozen parameters are not touched. One optimizer serves one store;
// the store's parameters may not change any more after the first call: ArgumentError.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // "sgd"; stands in checkpoints and reports.
  virtual std::string_view type() const = 0;
  // Reads values and gradients of the store, writes values. Leaves the gradients as they are.
  virtual void step(Context& context, ParamStore& params) = 0;
  // All that the optimizer remembers, one f32 tensor of the parameter's shape for each kind of
  // state and parameter: "momentum/encoder.features.0.weight". The views are written to restore it.
  virtual std::vector<NamedTensor> states(const ParamStore& params) = 0;
};

}  // namespace lrcn
