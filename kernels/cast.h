// Between f32 and bf16.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// y = x: one f32, the other bf16, of one shape and layout. Rounds to nearest even; NaN stays NaN.
// Throws ArgumentError for other types or different specs.
using CastFunction = void(Context&, Tensor x, Tensor y);

namespace cpu {
CastFunction cast;
}
namespace cuda {
CastFunction cast;
}

inline constexpr Op<CastFunction> cast{"cast", cpu::cast, LRCN_CUDA_OP(cuda::cast)};

// The check all backends share. Throws ArgumentError.
void check_cast(const Tensor& x, const Tensor& y);

}  // namespace lrcn
