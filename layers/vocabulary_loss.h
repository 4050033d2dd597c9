// The product with the vocabulary and its softmax cross-entropy in one layer.
//
// In captioning this is the largest product of a training step, and a third of its rows is padding.
// Rows whose target does not count are dropped before the product, and the scores become their own
// gradient in place (docs/design/vocabulary_loss.md). On CUDA rows of logits are padded to 16
// bytes.
#pragma once

#include "layers/affine_product.h"
#include "layers/layer.h"

namespace lrcn {

struct VocabularyLossOptions {
  std::int64_t vocabulary = 0;     // V
  std::int32_t ignore_label = -1;  // rows with this target do not count
  Initializer weight_init = Initializer::uniform(0.08f);
  Initializer bias_init = Initializer::constant(0.0f);
  ParamOptions weight_options = {};
  ParamOptions bias_options = {};
};

// Inputs: h [rows..., H] (for example [T, N, H]) of the planner's activation_dtype(), targets i32
// [rows...], each ignore_label or in [0, V). Parameters: weight [V, H], bias [V]; those of a Linear
// under the same path, which decoding uses instead. Outputs, with logits = W h + b:
//   0  loss   f32 []         mean over the counted rows of -log softmax(logits)[target]; 0 when
//                            no row counts
//   1  tally  f32 [2]        counted rows, and how many of them have their largest score (the
//                            first of equals) at the target; not differentiated
//   2  nll    f32 [rows...]  -log softmax(logits)[target], 0 for ignored rows; not differentiated
class VocabularyLoss final : public Layer {
 public:
  explicit VocabularyLoss(const VocabularyLossOptions& options) : options_(options) {}

  std::string_view type() const override { return "vocabulary_loss"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  // The counted rows lie behind each other and are processed in blocks of planned sizes.
  struct Block {
    std::int64_t begin = 0;
    const AffineProduct* product = nullptr;
    Tensor of(const Tensor& rows) const { return rows.rows(begin, begin + product->rows()); }
  };
  std::vector<std::int64_t> block_sizes() const;
  void plan_products(Planner& planner);
  std::vector<Block> blocks_for(const Tensor& count) const;
  Tensor weight_of(const Frame& frame) const;
  // For the products of a block: on CUDA they stop at the count, on the CPU all their rows count.
  CountedRows counted(const Frame& frame, const Block& block) const;

  VocabularyLossOptions options_;
  bool gradient_ = false;
  bool on_cuda_ = false;
  DType dtype_ = DType::f32;             // of h, the logits and their gradients
  std::int64_t rows_ = 0;                // R, the product of the leading extents
  std::int64_t features_ = 0;            // H
  std::int64_t pitch_ = 0;               // P: columns of logits in memory, V or more
  std::vector<AffineProduct> products_;  // of few to many rows
  // Slots.
  int order_ = -1;    // i32 [R]: which rows count
  int count_ = -1;    // i32 [1]
  int correct_ = -1;  // i32 [1]
  int sum_ = -1;      // f32 [1]
  int labels_ = -1;   // i32 [R]: targets of the counted rows
  int nll_ = -1;      // f32 [R]: losses of the counted rows
  int hidden_ = -1;   // [R, H]: counted rows of h; [block, H] without gradients
  int logits_ = -1;   // [R, P]: their logits, then dlogits; [block, P] without gradients
  int packed_ = -1;   // the weights rounded to bf16, where the logits are
  int scratch_ = -1;
};

}  // namespace lrcn
