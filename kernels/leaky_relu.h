// The rectifier that leaks below zero.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// y = x where x > 0, slope * x elsewhere. x, y: f32 or, on CUDA, bf16 of one spec, any
// layout; y may be x. Throws ArgumentError for other types or when the specs differ.
using LeakyReluForwardFunction = void(Context&, Tensor x, float slope, Tensor y);
// dx = dy where y > 0, slope * dy elsewhere: with 0 < slope the sign of y is that of x. dx may be
// dy.
using LeakyReluBackwardFunction = void(Context&, Tensor y, Tensor dy, float slope, Tensor dx);

namespace cpu {
LeakyReluForwardFunction leaky_relu_forward;
LeakyReluBackwardFunction leaky_relu_backward;
}  // namespace cpu
namespace cuda {
LeakyReluForwardFunction leaky_relu_forward;
LeakyReluBackwardFunction leaky_relu_backward;
}  // namespace cuda

inline constexpr Op<LeakyReluForwardFunction> leaky_relu_forward{
    "leaky_relu_forward", cpu::leaky_relu_forward, LRCN_CUDA_OP(cuda::leaky_relu_forward)};
inline constexpr Op<LeakyReluBackwardFunction> leaky_relu_backward{
    "leaky_relu_backward", cpu::leaky_relu_backward, LRCN_CUDA_OP(cuda::leaky_relu_backward)};

}  // namespace lrcn
