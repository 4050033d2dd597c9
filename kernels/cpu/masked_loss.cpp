#include "kernels/masked_loss.h"

#include <algorithm>

#include "kernels/check_tensor.h"

namespace lrcn::cpu {

void gather_labels(Context&, Tensor targets, Tensor rows, std::int32_t ignore_label,
                   Tensor labels) {
  check_plain("gather_labels", "targets", targets, DType::i32);
  check_plain("gather_labels", "rows", rows, DType::i32);
  check_plain("gather_labels", "labels", labels, DType::i32, rows.shape());
  const std::int32_t* target = targets.as<std::int32_t>();
  const std::int32_t* row = rows.as<std::int32_t>();
  std::transform(row, row + rows.elements(), labels.as<std::int32_t>(),
                 [=](std::int32_t r) { return r < 0 ? ignore_label : target[r]; });
}

void mean_loss(Context&, const LossTotals& totals, Tensor loss, Tensor tally) {
  check_plain("mean_loss", "sum", totals.sum, DType::f32, {1});
  check_plain("mean_loss", "count", totals.count, DType::i32, {1});
  check_plain("mean_loss", "correct", totals.correct, DType::i32, {1});
  check_plain("mean_loss", "loss", loss, DType::f32);
  check(loss.elements() == 1, "mean_loss: loss must be one f32, got ", loss.spec);
  check_plain("mean_loss", "tally", tally, DType::f32, {2});
  const std::int32_t count = *totals.count.as<std::int32_t>();
  *loss.as<float>() =
      float(double(*totals.sum.as<float>()) / double(std::max(count, std::int32_t(1))));
  tally.as<float>()[0] = float(count);
  tally.as<float>()[1] = float(*totals.correct.as<std::int32_t>());
}

}  // namespace lrcn::cpu
