#include "kernels/masked_loss.h"

#include <algorithm>

namespace lrcn::cpu {

void gather_labels(Context&, Tensor targets, Tensor rows, std::int32_t ignore_label,
                   Tensor labels) {
  check_gather_labels(targets, rows, labels);
  const std::int32_t* target = targets.as<std::int32_t>();
  const std::int32_t* row = rows.as<std::int32_t>();
  std::transform(row, row + rows.elements(), labels.as<std::int32_t>(),
                 [=](std::int32_t r) { return r < 0 ? ignore_label : target[r]; });
}

void mean_loss(Context&, const LossTotals& totals, Tensor loss, Tensor tally) {
  check_mean_loss(totals, loss, tally);
  const std::int32_t count = *totals.count.as<std::int32_t>();
  *loss.as<float>() =
      float(double(*totals.sum.as<float>()) / double(std::max(count, std::int32_t(1))));
  tally.as<float>()[0] = float(count);
  tally.as<float>()[1] = float(*totals.correct.as<std::int32_t>());
}

}  // namespace lrcn::cpu
