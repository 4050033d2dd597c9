// Elementwise nonlinearities and their gradients.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// y = f(x). x, y: f32 or, on CUDA, bf16 of one spec, any layout; y may be x. NaN gives NaN.
// Throws ArgumentError for other types or when the specs differ.
using ActivationForwardFunction = void(Context&, Tensor x, Tensor y);
// dx = dy f'(x), written in terms of y = f(x). y, dy, dx: of one such spec; dx may be
// dy.
using ActivationBackwardFunction = void(Context&, Tensor y, Tensor dy, Tensor dx);

namespace cpu {
ActivationForwardFunction relu_forward, sigmoid_forward, tanh_forward;
ActivationBackwardFunction relu_backward, sigmoid_backward, tanh_backward;
}  // namespace cpu
namespace cuda {
ActivationForwardFunction relu_forward, sigmoid_forward, tanh_forward;
ActivationBackwardFunction relu_backward, sigmoid_backward, tanh_backward;
}  // namespace cuda

// max(x, 0); gradient dy where y > 0.
inline constexpr Op<ActivationForwardFunction> relu_forward{"relu_forward", cpu::relu_forward,
                                                            LRCN_CUDA_OP(cuda::relu_forward)};
inline constexpr Op<ActivationBackwardFunction> relu_backward{"relu_backward", cpu::relu_backward,
                                                              LRCN_CUDA_OP(cuda::relu_backward)};
// 1 / (1 + exp(-x)); gradient dy y (1 - y).
inline constexpr Op<ActivationForwardFunction> sigmoid_forward{
    "sigmoid_forward", cpu::sigmoid_forward, LRCN_CUDA_OP(cuda::sigmoid_forward)};
inline constexpr Op<ActivationBackwardFunction> sigmoid_backward{
    "sigmoid_backward", cpu::sigmoid_backward, LRCN_CUDA_OP(cuda::sigmoid_backward)};
// tanh(x); gradient dy (1 - y^2).
inline constexpr Op<ActivationForwardFunction> tanh_forward{"tanh_forward", cpu::tanh_forward,
                                                            LRCN_CUDA_OP(cuda::tanh_forward)};
inline constexpr Op<ActivationBackwardFunction> tanh_backward{"tanh_backward", cpu::tanh_backward,
                                                              LRCN_CUDA_OP(cuda::tanh_backward)};

}  // namespace lrcn
