// Maximum and average pooling.
#pragma once

#include "kernels/pooling.h"
#include "layers/layer.h"
#include "layers/planned.h"

namespace lrcn {

struct PoolingOptions {
  PoolingKind kind = PoolingKind::maximum;
  Window window = Window::square(2, 2);
  Rounding rounding = Rounding::down;               // of the output size; Caffe rounds up
  PoolingDivisor divisor = PoolingDivisor::inside;  // of averages
};

// x: f32 or bf16 [N, C, H, W] of any layout, y: [N, C, P, Q] of the same type and layout.
class Pooling final : public Layer {
 public:
  explicit Pooling(const PoolingOptions& options) : options_(options) {}

  const PoolingOptions& options() const { return options_; }

  std::string_view type() const override { return "pooling"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  PoolingOptions options_;
  int saved_slot_ = -1;
  int scratch_slot_ = -1;
  Planned<PoolingKernel> kernel_;
};

}  // namespace lrcn
