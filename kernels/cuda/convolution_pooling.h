// The 2x2 maximum pooling behind a convolution, where its kernels do not pool themselves, and the
// way of its gradient back to y.
#pragma once

#include "core/context.h"
#include "kernels/cuda/convolution_geometry.h"

namespace lrcn::cuda {

// pooled[n,p,q,k] = maximum of the four y under window (p, q); saved says which one it is, as
// convolution_windows.h has it.
struct ConvolutionPooling {
  Tensor y;             // nhwc [N, K, P, Q], after the ReLU; f32 or bf16
  bool relu;            // y is 0 where the gradient ends
  Tensor pooled;        // nhwc [N, K, P/2, Q/2] of y's type, written
  std::uint8_t* saved;  // [N, P/2, Q/2, K], written, or nullptr
};
void convolution_pool(Context& context, const ConvolutionGeometry& geometry,
                      const ConvolutionPooling& arguments);

// dy is the gradient of pooled at the pixels that were saved, and zero at all others.
// db[k] += sum of it over pixels, accumulated in double in an order that depends on the shape
// alone.
struct ConvolutionSpread {
  Tensor pooled_dy;           // nhwc [N, K, P/2, Q/2], f32 or bf16
  const std::uint8_t* saved;  // [N, P/2, Q/2, K]
  Tensor dy;                  // nhwc [N, K, P, Q] of its type, written
  double* sums;               // scratch memory of convolution_spread_bytes()
  float* db;                  // or nullptr
};
void convolution_spread(Context& context, const ConvolutionGeometry& geometry,
                        const ConvolutionSpread& arguments);
std::size_t convolution_spread_bytes(const ConvolutionGeometry& geometry);

}  // namespace lrcn::cuda
