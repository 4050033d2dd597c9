// The gradient of a bias that was added to every row.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// db[n] += factor * sum_m dy[m, n]. dy: f32, or bf16 on CUDA, [M, N]; db: f32 [N]; factor: f32 of
// one element in memory of the device, or absent for 1. Sums over M are accumulated in double in
// the order of m, whatever the number of threads. Throws ArgumentError for other shapes or types.
using BiasGradientFunction = void(Context&, Tensor dy, Tensor db, Tensor factor);

namespace cpu {
BiasGradientFunction bias_gradient;
}
namespace cuda {
BiasGradientFunction bias_gradient;
}

inline constexpr Op<BiasGradientFunction> bias_gradient{"bias_gradient", cpu::bias_gradient,
                                                        LRCN_CUDA_OP(cuda::bias_gradient)};

// The checks all backends share. Throws ArgumentError naming the tensor.
void check_bias_gradient(const Tensor& dy, const Tensor& db, const Tensor& factor);

}  // namespace lrcn
