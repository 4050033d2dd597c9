// Scaling by a number that lives in memory of the device.
#pragma once

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// y = factor * x. x, y: f32 or, on CUDA, bf16 of one spec, any layout; y may be x. factor: f32 of
// one element. Throws ArgumentError for other types or when the specs differ.
using ScaleByTensorFunction = void(Context&, Tensor x, Tensor factor, Tensor y);

namespace cpu {
ScaleByTensorFunction scale_by_tensor;
}
namespace cuda {
ScaleByTensorFunction scale_by_tensor;
}

inline constexpr Op<ScaleByTensorFunction> scale_by_tensor{"scale_by_tensor", cpu::scale_by_tensor,
                                                           LRCN_CUDA_OP(cuda::scale_by_tensor)};

}  // namespace lrcn
