// The same elements under another shape, at no cost.
#pragma once

#include "layers/layer.h"

namespace lrcn {

// x: any type and shape, y: the extents asked for. One of them may be -1 and follows from the
// number of elements.
class Reshape final : public Layer {
 public:
  explicit Reshape(std::vector<std::int64_t> extents) : extents_(std::move(extents)) {}

  std::string_view type() const override { return "reshape"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  std::vector<std::int64_t> extents_;
};

}  // namespace lrcn
