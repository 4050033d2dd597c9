#include "layers/embedding.h"

#include "core/error.h"
#include "kernels/embedding.h"

namespace lrcn {

std::vector<TensorSpec> Embedding::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  check(options_.vocabulary >= 1 && options_.features >= 1,
        "vocabulary and features must be >= 1, got ", options_.vocabulary, " and ",
        options_.features);
  const TensorSpec& ids = planner.input(0);
  check(ids.dtype == DType::i32 && ids.shape.rank() < Shape::kMaxRank,
        "x must be i32 ids of rank <= 5, got ", ids);
  planner.param("weight", {options_.vocabulary, options_.features}, options_.weight_init,
                options_.weight_options);
  planner.keep_input(0);
  std::vector<std::int64_t> extents(ids.shape.extents().begin(), ids.shape.extents().end());
  extents.push_back(options_.features);
  return {{Shape(std::span<const std::int64_t>(extents)), planner.activation_dtype()}};
}

// y[..., :] = W[x[...], :]
void Embedding::forward(Context& context, const Frame& frame) {
  embedding_forward(context, frame.params[0], frame.x[0], frame.y[0]);
}

// dW[x[...], :] += dy[..., :]
void Embedding::backward(Context& context, const Frame& frame) {
  if (frame.grads[0]) {
    embedding_backward(context, frame.x[0], frame.dy[0], frame.grads[0]);
  }
}

}  // namespace lrcn
