// The layers that the compiler inserts where a consumer wants a value in another form.
#pragma once

#include "layers/layer.h"

namespace lrcn {

// x: any layout of a rank-4 tensor; y: the same elements in `target`.
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

// x: f32 or bf16 in any layout; y: the same elements as `target`, rounded where that is bf16.
class CastLayer final : public Layer {
 public:
  explicit CastLayer(DType target) : target_(target) {}

  std::string_view type() const override { return "cast"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  DType target_;
};

}  // namespace lrcn
