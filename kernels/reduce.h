// Reductions over a whole tensor, and clipping by them.
//
// x: f32, any shape and layout (padding is zero and counts nothing). Sums are accumulated in double
// in a fixed order, whatever the number of threads. Throw ArgumentError for other types.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// result: f32 [1].
using ReduceFunction = void(Context&, Tensor x, Tensor result);
// result: i32 [2]: how many elements are NaN or infinite, and the place in memory of the first
// (-1: none). At most 2^31 - 1 elements.
using CountNonFiniteFunction = void(Context&, Tensor x, Tensor result);
// x = min(max(x, -limit), limit) in place, limit >= 0; NaN stays.
using ClipValuesFunction = void(Context&, Tensor x, float limit);

struct ClipNormOptions {
  float max_norm = 0.0f;        // 0: no clipping
  float gradient_scale = 1.0f;  // applied before clipping, for example 1 / accumulated batches
};
// With n = gradient_scale * ||x||_2 writes StepState::gradient_scale = gradient_scale *
// (max_norm / n if n > max_norm > 0, else 1), NaN when n is not finite, and n to norm: f32 [1]. x
// itself stays.
using ClipNormFunction = void(Context&, Tensor x, Tensor norm, const ClipNormOptions& options);

namespace cpu {
ReduceFunction sum_of_values, sum_of_squares, l2_norm_of, max_abs_of;
CountNonFiniteFunction count_non_finite;
ClipValuesFunction clip_values;
ClipNormFunction clip_norm;
}  // namespace cpu
namespace cuda {
ReduceFunction sum_of_values, sum_of_squares, l2_norm_of, max_abs_of;
CountNonFiniteFunction count_non_finite;
ClipValuesFunction clip_values;
ClipNormFunction clip_norm;
}  // namespace cuda

inline constexpr Op<ReduceFunction> sum_of_values{"sum_of_values", cpu::sum_of_values,
                                                  LRCN_CUDA_OP(cuda::sum_of_values)};
inline constexpr Op<ReduceFunction> sum_of_squares{"sum_of_squares", cpu::sum_of_squares,
                                                   LRCN_CUDA_OP(cuda::sum_of_squares)};
// The square root is taken in double: no overflow below the largest float.
inline constexpr Op<ReduceFunction> l2_norm_of{"l2_norm_of", cpu::l2_norm_of,
                                               LRCN_CUDA_OP(cuda::l2_norm_of)};
// NaN when x holds NaN; 0 for no elements.
inline constexpr Op<ReduceFunction> max_abs_of{"max_abs_of", cpu::max_abs_of,
                                               LRCN_CUDA_OP(cuda::max_abs_of)};
inline constexpr Op<CountNonFiniteFunction> count_non_finite{
    "count_non_finite", cpu::count_non_finite, LRCN_CUDA_OP(cuda::count_non_finite)};
inline constexpr Op<ClipValuesFunction> clip_values{"clip_values", cpu::clip_values,
                                                    LRCN_CUDA_OP(cuda::clip_values)};
inline constexpr Op<ClipNormFunction> clip_norm{"clip_norm", cpu::clip_norm,
                                                LRCN_CUDA_OP(cuda::clip_norm)};

// The checks all backends share. Throws ArgumentError naming the tensor.
void check_count_non_finite(const Tensor& x, const Tensor& result);

}  // namespace lrcn
