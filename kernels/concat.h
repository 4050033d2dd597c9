// Joining tensors along one axis, and cutting the gradient apart again.
#pragma once

#include <span>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// y = x[0], x[1], ... behind each other along `axis` (negative axes count from the end).
// x, y: all f32 or, on CUDA, all bf16, plain layout, equal in all other extents. Throws
// ArgumentError when they do not fit.
using ConcatForwardFunction = void(Context&, std::span<const Tensor> x, Tensor y, int axis);
// dx[i] = the slice of dy that x[i] filled; an absent dx[i] (no data) is skipped, but its spec
// counts.
using ConcatBackwardFunction = void(Context&, Tensor dy, std::span<const Tensor> dx, int axis);

namespace cpu {
ConcatForwardFunction concat_forward;
ConcatBackwardFunction concat_backward;
}  // namespace cpu
namespace cuda {
ConcatForwardFunction concat_forward;
ConcatBackwardFunction concat_backward;
}  // namespace cuda

inline constexpr Op<ConcatForwardFunction> concat_forward{"concat_forward", cpu::concat_forward,
                                                          LRCN_CUDA_OP(cuda::concat_forward)};
inline constexpr Op<ConcatBackwardFunction> concat_backward{"concat_backward", cpu::concat_backward,
                                                            LRCN_CUDA_OP(cuda::concat_backward)};

// The checks all backends share. Returns the axis counted from the front; throws ArgumentError.
int check_concat(const char* op, std::span<const Tensor> parts, const Tensor& whole, int axis);

}  // namespace lrcn
