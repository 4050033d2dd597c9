// Inverted dropout (formula and source: kernels/dropout.h).
#pragma once

#include "kernels/dropout.h"
#include "layers/layer.h"

namespace lrcn {

// x, y: f32 or bf16 of one shape. While training an element is dropped with `probability` and the
// others are divided by 1 - probability; the mask follows from StepState and the layer's path
// alone, so StepState must not move between forward and backward. In evaluation y is x, at no cost.
class Dropout final : public Layer {
 public:
  explicit Dropout(float probability) : options_{probability, 0} {}

  std::string_view type() const override { return "dropout"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  DropoutOptions options_;
  bool identity_ = false;
};

}  // namespace lrcn
