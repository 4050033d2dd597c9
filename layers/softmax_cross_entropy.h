// Softmax and cross-entropy of scores that are few enough to be kept (classes of an activity). For
// a vocabulary see vocabulary_loss.h.
#pragma once

#include "layers/layer.h"

namespace lrcn {

struct SoftmaxCrossEntropyOptions {
  std::int32_t ignore_label = -1;  // rows with this target do not count
};

// Inputs: logits f32 or bf16 [rows..., V], targets i32 [rows...], each ignore_label or in [0, V).
// Outputs:
//   0  loss   f32 []         mean over the counted rows of -log softmax(logits)[target]; 0 when
//                            no row counts
//   1  tally  f32 [2]        counted rows, and how many of them have their largest score (the
//                            first of equals) at the target; not differentiated
//   2  nll    f32 [rows...]  -log softmax(logits)[target], 0 for ignored rows; not differentiated
class SoftmaxCrossEntropy final : public Layer {
 public:
  explicit SoftmaxCrossEntropy(const SoftmaxCrossEntropyOptions& options = {})
      : options_(options) {}

  std::string_view type() const override { return "softmax_cross_entropy"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  SoftmaxCrossEntropyOptions options_;
  std::int64_t rows_ = 0;     // R, the product of the leading extents
  std::int64_t classes_ = 0;  // V
  // Slots.
  int order_ = -1;    // i32 [R]: which rows count
  int count_ = -1;    // i32 [1]
  int correct_ = -1;  // i32 [1]
  int sum_ = -1;      // f32 [1]
};

}  // namespace lrcn
