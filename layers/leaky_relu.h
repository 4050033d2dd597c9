// The worked example of adding a layer (CONTRIBUTING.md): a ReLU that leaks below zero.
#pragma once

#include "layers/layer.h"

namespace lrcn {

// y = x where x > 0 and slope * x elsewhere; x, y: f32 or bf16 of any shape and layout. Maas,
// Hannun, Ng: "Rectifier nonlinearities improve neural network acoustic models", 2013.
class LeakyRelu final : public Layer {
 public:
  // Throws ArgumentError in plan unless 0 < slope < 1.
  explicit LeakyRelu(float slope = 0.01f) : slope_(slope) {}

  std::string_view type() const override { return "leaky_relu"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  float slope_;
};

}  // namespace lrcn
