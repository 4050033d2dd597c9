#include "kernels/cross_entropy.h"

#include "kernels/check_tensor.h"

namespace lrcn {

std::int64_t check_cross_entropy(const CrossEntropyArguments& arguments,
                                 const CrossEntropyOptions& options) {
  constexpr const char* kName = "cross_entropy";
  const Tensor& logits = arguments.logits;
  check_plain_activation(kName, "logits", logits);
  check(logits.shape().rank() == 2 && logits.shape()[1] >= 1,
        "cross_entropy: logits must be [M,V] with V >= 1, got ", logits.spec);
  check(options.classes >= 0 && options.classes <= logits.shape()[1],
        "cross_entropy: classes must be 0 .. ", logits.shape()[1], ", got ", options.classes);
  const Shape rows = {logits.shape()[0]};
  check_plain(kName, "targets", arguments.targets, DType::i32, rows);
  check_plain(kName, "loss", arguments.loss, DType::f32, {1});
  if (arguments.count) {
    check_plain(kName, "count", arguments.count, DType::i32, {1});
  }
  if (arguments.factor) {
    check_plain(kName, "factor", arguments.factor, DType::f32);
    check(arguments.factor.elements() == 1, "cross_entropy: factor must have one element, got ",
          arguments.factor.spec);
  }
  if (arguments.correct) {
    check_plain(kName, "correct", arguments.correct, DType::i32, {1});
  }
  if (arguments.row_nll) {
    check_plain(kName, "row_nll", arguments.row_nll, DType::f32, rows);
  }
  return options.classes > 0 ? options.classes : logits.shape()[1];
}

}  // namespace lrcn
