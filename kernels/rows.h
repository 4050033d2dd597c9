// Choosing rows: dropping ignored ones before an expensive product, following beam parents.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// Lists the rows whose target counts. targets: i32 [R]; rows: i32 [R], first the indices r with
// targets[r] != ignore_label in ascending order, then -1; count: i32 [1], how many.
using CompactRowsFunction = void(Context&, Tensor targets, std::int32_t ignore_label, Tensor rows,
                                 Tensor count);
// y[m, ...] = x[rows[m], ...], zero where rows[m] is -1. x: f32, i32 or, on CUDA, bf16 [R, ...];
// rows: i32 [M]; y: [M, ...] of x's type. Rows may repeat; they are data and not checked.
using GatherRowsFunction = void(Context&, Tensor x, Tensor rows, Tensor y);
// y[rows[m], ...] = x[m, ...] and zero in all other rows; entries -1 are skipped. x: f32, i32
// or, on CUDA, bf16 [M, ...]; rows: i32 [M] without repetition; y: [R, ...] of x's type.
using ScatterRowsFunction = void(Context&, Tensor x, Tensor rows, Tensor y);

namespace cpu {
CompactRowsFunction compact_rows;
GatherRowsFunction gather_rows;
ScatterRowsFunction scatter_rows;
}  // namespace cpu
namespace cuda {
CompactRowsFunction compact_rows;
GatherRowsFunction gather_rows;
ScatterRowsFunction scatter_rows;
}  // namespace cuda

inline constexpr Op<CompactRowsFunction> compact_rows{"compact_rows", cpu::compact_rows,
                                                      LRCN_CUDA_OP(cuda::compact_rows)};
inline constexpr Op<GatherRowsFunction> gather_rows{"gather_rows", cpu::gather_rows,
                                                    LRCN_CUDA_OP(cuda::gather_rows)};
inline constexpr Op<ScatterRowsFunction> scatter_rows{"scatter_rows", cpu::scatter_rows,
                                                      LRCN_CUDA_OP(cuda::scatter_rows)};

// The checks all backends share. Throw ArgumentError naming the tensor.
void check_compact_rows(const Tensor& targets, const Tensor& rows, const Tensor& count);
// x and y differ in their first extent alone, and rows lists one entry for each row of `listed`,
// which is x or y. Returns the elements of a row.
std::size_t check_moved_rows(const char* op, const Tensor& x, const Tensor& rows, const Tensor& y,
                             const Tensor& listed);

}  // namespace lrcn
