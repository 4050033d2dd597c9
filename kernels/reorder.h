// The same elements in another memory layout.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

namespace cpu {
void reorder(Context& context, Tensor x, Tensor y);
}
namespace cuda {
void reorder(Context& context, Tensor x, Tensor y);
}

// x and y: both f32 or, on CUDA, both bf16, of the same shape, rank 4 unless both are plain; y is
// written, channels that fill its last block with zeros. They must not overlap. Needs neither plan
// nor scratch memory. Throws ArgumentError for other shapes or types.
inline constexpr Op<void(Context&, Tensor x, Tensor y)> reorder{"reorder", cpu::reorder,
                                                                LRCN_CUDA_OP(cuda::reorder)};

// The checks all backends share. Throws ArgumentError.
void check_reorder(const Tensor& x, const Tensor& y);

}  // namespace lrcn
