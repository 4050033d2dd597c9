#include "kernels/decode.h"

#include <algorithm>

#include "kernels/check_tensor.h"

namespace lrcn {
namespace {

void check_choice(const char* op, const Tensor& logits, const Choice& choice,
                  std::initializer_list<std::int64_t> per_row) {
  check_plain_activation(op, "logits", logits);
  check(logits.shape().rank() == 2 && logits.shape()[1] >= 1, op,
        ": logits must be [R,V] with V >= 1, got ", logits.spec);
  const std::int64_t rows = logits.shape()[0];
  const Shape shape = per_row.size() == 0 ? Shape{rows} : Shape{rows, *per_row.begin()};
  check_plain(op, "index", choice.index, DType::i32, shape);
  if (choice.log_probability) {
    check_plain(op, "log_probability", choice.log_probability, DType::f32, shape);
  }
}

}  // namespace

void check_argmax_rows(const Tensor& logits, const Choice& choice) {
  check_choice("argmax_rows", logits, choice, {});
}

void check_top_k_rows(const Tensor& logits, const Choice& choice) {
  const std::int64_t count = choice.index.shape().rank() == 2 ? choice.index.shape()[1] : 0;
  check_choice("top_k_rows", logits, choice, {count});
  const std::int64_t most = std::min(logits.shape()[1], kMostTopK);
  check(1 <= count && count <= most, "top_k_rows: K must be in 1..", most, ", got ", count);
}

void check_sample_rows(const Tensor& logits, const Choice& choice, const SampleOptions& options) {
  check_choice("sample_rows", logits, choice, {});
  check(options.temperature > 0.0f, "sample_rows: temperature must be > 0, got ",
        options.temperature);
}

}  // namespace lrcn
