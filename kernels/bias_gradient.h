// The gradient of a bias that was added to every row.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// What may lie in memory of the device beside a gradient.
struct BiasGradientOptions {
  Tensor factor = {};  // f32 of one element; absent: 1
  Tensor count = {};   // i32 [1]: rows that count, the first ones; absent: all
};

// db[n] += factor * sum_m dy[m, n] over the rows that count; the others may hold anything. dy: f32,
// or bf16 on CUDA, [M, P] with P >= N, of which the first N columns are read; db: f32 [N]. Sums
// over M are accumulated in double, in an order that does not depend on the number of threads.
// Throws ArgumentError for other shapes or types.
using BiasGradientFunction = void(Context&, Tensor dy, Tensor db,
                                  const BiasGradientOptions& options);

namespace cpu {
BiasGradientFunction bias_gradient;
}
namespace cuda {
BiasGradientFunction bias_gradient;
}

inline constexpr Op<BiasGradientFunction> bias_gradient{"bias_gradient", cpu::bias_gradient,
                                                        LRCN_CUDA_OP(cuda::bias_gradient)};

// The checks all backends share. Throws ArgumentError naming the tensor.
void check_bias_gradient(const Tensor& dy, const Tensor& db, const BiasGradientOptions& options);

}  // namespace lrcn
