#include "kernels/masked_loss.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_gather_labels(const Tensor& targets, const Tensor& rows, const Tensor& labels) {
  check_plain("gather_labels", "targets", targets, DType::i32);
  check_plain("gather_labels", "rows", rows, DType::i32);
  check_plain("gather_labels", "labels", labels, DType::i32, rows.shape());
}

void check_mean_loss(const LossTotals& totals, const Tensor& loss, const Tensor& tally) {
  check_plain("mean_loss", "sum", totals.sum, DType::f32, {1});
  check_plain("mean_loss", "count", totals.count, DType::i32, {1});
  check_plain("mean_loss", "correct", totals.correct, DType::i32, {1});
  check_plain("mean_loss", "loss", loss, DType::f32);
  check(loss.elements() == 1, "mean_loss: loss must be one f32, got ", loss.spec);
  check_plain("mean_loss", "tally", tally, DType::f32, {2});
}

}  // namespace lrcn
