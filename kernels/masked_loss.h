// What stands before and after a loss over those rows that count.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// labels[m] = targets[rows[m]], ignore_label where rows[m] is -1. targets: i32 [R]; rows, labels:
// i32 [M]. Rows are data and not checked.
using GatherLabelsFunction = void(Context&, Tensor targets, Tensor rows, std::int32_t ignore_label,
                                  Tensor labels);

struct LossTotals {
  Tensor sum;      // f32 [1]: of the losses of the counted rows
  Tensor count;    // i32 [1]: counted rows
  Tensor correct;  // i32 [1]: rows that were right
};
// loss = sum / max(count, 1), f32 of one element; tally: f32 [2] = count, correct.
using MeanLossFunction = void(Context&, const LossTotals& totals, Tensor loss, Tensor tally);

namespace cpu {
GatherLabelsFunction gather_labels;
MeanLossFunction mean_loss;
}  // namespace cpu
namespace cuda {
GatherLabelsFunction gather_labels;
MeanLossFunction mean_loss;
}  // namespace cuda

inline constexpr Op<GatherLabelsFunction> gather_labels{"gather_labels", cpu::gather_labels,
                                                        LRCN_CUDA_OP(cuda::gather_labels)};
inline constexpr Op<MeanLossFunction> mean_loss{"mean_loss", cpu::mean_loss,
                                                LRCN_CUDA_OP(cuda::mean_loss)};

// The checks all backends share. Throw ArgumentError naming the tensor.
void check_gather_labels(const Tensor& targets, const Tensor& rows, const Tensor& labels);
void check_mean_loss(const LossTotals& totals, const Tensor& loss, const Tensor& tally);

}  // namespace lrcn
