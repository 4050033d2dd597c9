// Local response normalisation across channels (formula: kernels/lrn.h).
#pragma once

#include "kernels/lrn.h"
#include "layers/layer.h"
#include "layers/planned.h"

namespace lrcn {

struct LrnOptions {
  std::int64_t size = 5;  // channels in the window, odd
  float alpha = 1e-4f;    // divided by size, as in Caffe
  float beta = 0.75f;
  float k = 1.0f;
};

// x, y: f32 or bf16 [N, C, H, W] of one layout.
class Lrn final : public Layer {
 public:
  explicit Lrn(const LrnOptions& options = {}) : options_(options) {}

  std::string_view type() const override { return "lrn"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  LrnOptions options_;
  int saved_slot_ = -1;
  int scratch_slot_ = -1;
  Planned<LrnKernel> kernel_;
};

}  // namespace lrcn
