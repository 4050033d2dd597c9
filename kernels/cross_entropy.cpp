#include "kernels/cross_entropy.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_cross_entropy(const CrossEntropyArguments& arguments) {
  constexpr const char* kName = "cross_entropy";
  const Tensor& logits = arguments.logits;
  check_plain_activation(kName, "logits", logits);
  check(logits.shape().rank() == 2 && logits.shape()[1] >= 1,
        "cross_entropy: logits must be [M,V] with V >= 1, got ", logits.spec);
  const Shape rows = {logits.shape()[0]};
  check_plain(kName, "targets", arguments.targets, DType::i32, rows);
  check_plain(kName, "loss", arguments.loss, DType::f32, {1});
  if (arguments.count) {
    check_plain(kName, "count", arguments.count, DType::i32, {1});
  }
  if (arguments.correct) {
    check_plain(kName, "correct", arguments.correct, DType::i32, {1});
  }
  if (arguments.row_nll) {
    check_plain(kName, "row_nll", arguments.row_nll, DType::f32, rows);
  }
}

}  // namespace lrcn
