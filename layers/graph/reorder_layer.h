// The layer that the compiler inserts where a consumer wants another memory layout.
#pragma once

#include "layers/layer.h"

namespace lrcn {

// x: any layout of a rank-4 f32 tensor; y: the same elements in `target`.
class ReorderLayer final : public Layer {
 public:
  explicit ReorderLayer(Layout target) : target_(target) {}

  std::string_view type() const override { return "reorder"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  Layout target_;
};

}  // namespace lrcn
