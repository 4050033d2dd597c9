// The sum of tensors of one shape.
#pragma once

#include "layers/layer.h"

namespace lrcn {

// Inputs: one or more f32 or bf16 tensors of one shape; y = x[0] + x[1] + ... in the layout of
// x[0], in bf16 where one of them is.
class Sum final : public Layer {
 public:
  std::string_view type() const override { return "sum"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;
};

}  // namespace lrcn
