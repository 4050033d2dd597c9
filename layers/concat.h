// Joining tensors along one axis.
#pragma once

#include "layers/layer.h"

namespace lrcn {

// Inputs: one or more f32 or bf16 tensors that agree in all extents but `axis` (negative axes count
// from the end); y holds them behind each other, in bf16 where one of them is.
class Concat final : public Layer {
 public:
  explicit Concat(int axis) : axis_(axis) {}

  std::string_view type() const override { return "concat"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  int axis_;
  std::vector<Tensor> dx_;  // as the frame has it, with the extents of absent ones
};

}  // namespace lrcn
