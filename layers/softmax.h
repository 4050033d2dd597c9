// Probabilities from scores.
#pragma once

#include "layers/layer.h"

namespace lrcn {

struct SoftmaxOptions {
  bool logarithm = false;  // y = log softmax(x)
};

// x, y: f32 or bf16 [..., V]; softmax over the last axis (formula: kernels/softmax.h).
class Softmax final : public Layer {
 public:
  explicit Softmax(const SoftmaxOptions& options = {}) : options_(options) {}

  std::string_view type() const override { return "softmax"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  SoftmaxOptions options_;
};

}  // namespace lrcn
