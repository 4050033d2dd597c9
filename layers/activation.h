// Elementwise nonlinearities as layers: Relu, Sigmoid, Tanh.
#pragma once

#include "layers/layer.h"

namespace lrcn {

enum class ActivationKind { relu, sigmoid, tanh };

// y = f(x), f32 or bf16 of any shape and layout. Backward needs y alone, so a Relu behind a layer
// that absorbs it costs nothing.
template <ActivationKind kind>
class ActivationLayer final : public Layer {
 public:
  std::string_view type() const override;
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;
};

using Relu = ActivationLayer<ActivationKind::relu>;        // max(x, 0)
using Sigmoid = ActivationLayer<ActivationKind::sigmoid>;  // 1 / (1 + exp(-x))
using Tanh = ActivationLayer<ActivationKind::tanh>;

}  // namespace lrcn
