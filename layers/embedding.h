// Word embedding: a trainable row for every id.
#pragma once

#include "layers/layer.h"

namespace lrcn {

struct EmbeddingOptions {
  std::int64_t vocabulary = 0;  // V
  std::int64_t features = 0;    // E
  Initializer weight_init = Initializer::uniform(0.08f);
  ParamOptions weight_options = {};
};

// x: i32 ids [...], each in [0, V) (data: not checked), y: f32 or bf16 [..., E]
// (Planner::activation_dtype). Parameter: weight [V, E].
class Embedding final : public Layer {
 public:
  explicit Embedding(const EmbeddingOptions& options) : options_(options) {}

  std::string_view type() const override { return "embedding"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;

 private:
  EmbeddingOptions options_;
};

}  // namespace lrcn
