// Softmax and its logarithm over the last axis.
//
// All tensors f32 or, on CUDA, bf16 [..., V] of one plain spec, V >= 1; ArgumentError otherwise.
// The row maximum is subtracted first; -inf gives probability 0; a row with NaN, +inf or only -inf
// becomes NaN.
#pragma once

#include <initializer_list>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

using SoftmaxForwardFunction = void(Context&, Tensor x, Tensor y);               // y may be x
using SoftmaxBackwardFunction = void(Context&, Tensor y, Tensor dy, Tensor dx);  // dx may be dy

namespace cpu {
SoftmaxForwardFunction softmax_forward, log_softmax_forward;
SoftmaxBackwardFunction softmax_backward, log_softmax_backward;
}  // namespace cpu
namespace cuda {
SoftmaxForwardFunction softmax_forward, log_softmax_forward;
SoftmaxBackwardFunction softmax_backward, log_softmax_backward;
}  // namespace cuda

// y_v = exp(x_v) / sum_u exp(x_u); dx_v = y_v (dy_v - sum_u y_u dy_u).
inline constexpr Op<SoftmaxForwardFunction> softmax_forward{"softmax_forward", cpu::softmax_forward,
                                                            LRCN_CUDA_OP(cuda::softmax_forward)};
inline constexpr Op<SoftmaxBackwardFunction> softmax_backward{
    "softmax_backward", cpu::softmax_backward, LRCN_CUDA_OP(cuda::softmax_backward)};
// y_v = x_v - log sum_u exp(x_u); dx_v = dy_v - exp(y_v) sum_u dy_u.
inline constexpr Op<SoftmaxForwardFunction> log_softmax_forward{
    "log_softmax_forward", cpu::log_softmax_forward, LRCN_CUDA_OP(cuda::log_softmax_forward)};
inline constexpr Op<SoftmaxBackwardFunction> log_softmax_backward{
    "log_softmax_backward", cpu::log_softmax_backward, LRCN_CUDA_OP(cuda::log_softmax_backward)};

// A tensor as rows of its last axis.
struct SoftmaxRows {
  std::int64_t count = 0;
  std::int64_t width = 0;
};
// The checks all backends share. Throws ArgumentError naming the tensor.
SoftmaxRows check_softmax(const char* op, const Tensor& x, std::initializer_list<Tensor> others);

}  // namespace lrcn
