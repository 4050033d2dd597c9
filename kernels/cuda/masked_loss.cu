// What stands before and after a loss over those rows that count.
#include <algorithm>

#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/masked_loss.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kThreads = 256;

__global__ void gather_labels_kernel(const std::int32_t* targets, const std::int32_t* rows,
                                     std::int64_t size, std::int32_t ignore_label,
                                     std::int32_t* labels) {
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t m = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; m < size; m += step) {
    labels[m] = rows[m] < 0 ? ignore_label : targets[rows[m]];
  }
}

// One thread.
__global__ void mean_loss_kernel(const float* sum, const std::int32_t* count,
                                 const std::int32_t* correct, float* loss, float* tally) {
  *loss = float(double(*sum) / double(std::max(*count, 1)));
  tally[0] = float(*count);
  tally[1] = float(*correct);
}

}  // namespace

void gather_labels(Context& context, Tensor targets, Tensor rows, std::int32_t ignore_label,
                   Tensor labels) {
  check_gather_labels(targets, rows, labels);
  launch(context, blocks_for(rows.elements(), kThreads), kThreads, 0, gather_labels_kernel,
         targets.as<std::int32_t>(), rows.as<std::int32_t>(), rows.elements(), ignore_label,
         labels.as<std::int32_t>());
}

void mean_loss(Context& context, const LossTotals& totals, Tensor loss, Tensor tally) {
  check_mean_loss(totals, loss, tally);
  launch(context, 1, 1, 0, mean_loss_kernel, totals.sum.as<float>(),
         totals.count.as<std::int32_t>(), totals.correct.as<std::int32_t>(), loss.as<float>(),
         tally.as<float>());
}

}  // namespace lrcn::cuda
