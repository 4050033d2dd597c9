// Filling, copying, scaling and adding whole tensors.
//
// All tensors of a call have one spec, f32 or, on CUDA, bf16, in any layout; ArgumentError
// otherwise. What is computed is rounded to bf16 once, a sum of more than eight once for each seven
// more. The zero padding of blocked layouts stays zero.
#pragma once

#include <span>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

using FillWithFunction = void(Context&, Tensor y, float value);  // y = value
using CopyToFunction = void(Context&, Tensor x, Tensor y);       // y = x; any element type
using ScaleByFunction = void(Context&, Tensor x, float factor,
                             Tensor y);  // y = factor x; y may be x
using SumOfFunction = void(Context&, std::span<const Tensor> x, Tensor y);  // y = x[0] + x[1] + ...
using AddInPlaceFunction = void(Context&, Tensor x, Tensor y);              // y += x

namespace cpu {
FillWithFunction fill_with;
CopyToFunction copy_to;
ScaleByFunction scale_by;
SumOfFunction sum_of;
AddInPlaceFunction add_in_place;
}  // namespace cpu
namespace cuda {
FillWithFunction fill_with;
CopyToFunction copy_to;
ScaleByFunction scale_by;
SumOfFunction sum_of;
AddInPlaceFunction add_in_place;
}  // namespace cuda

inline constexpr Op<FillWithFunction> fill_with{"fill_with", cpu::fill_with,
                                                LRCN_CUDA_OP(cuda::fill_with)};
inline constexpr Op<CopyToFunction> copy_to{"copy_to", cpu::copy_to, LRCN_CUDA_OP(cuda::copy_to)};
inline constexpr Op<ScaleByFunction> scale_by{"scale_by", cpu::scale_by,
                                              LRCN_CUDA_OP(cuda::scale_by)};
// At least one input, added from left to right; y may be x[0].
inline constexpr Op<SumOfFunction> sum_of{"sum_of", cpu::sum_of, LRCN_CUDA_OP(cuda::sum_of)};
inline constexpr Op<AddInPlaceFunction> add_in_place{"add_in_place", cpu::add_in_place,
                                                     LRCN_CUDA_OP(cuda::add_in_place)};

}  // namespace lrcn
