// Convolution straight from its definition, a thread for every result: what the tiled kernels are
// measured against, and what serves filters of few channels.
#pragma once

#include "core/context.h"
#include "kernels/cuda/convolution_geometry.h"

namespace lrcn::cuda {

// x and dx, y and dy, and packed may each be f32 or bf16. packed: [K, R, S, C/groups].

// y = act(x * w + bias). bias: [K] or nullptr.
struct ConvolutionForward {
  Tensor x;
  Tensor packed;
  const float* bias;
  bool relu;
  Tensor y;
};
void convolution_forward_direct(Context& context, const ConvolutionGeometry& geometry,
                                const ConvolutionForward& arguments);

// dx is written.
void convolution_dx_direct(Context& context, const ConvolutionGeometry& geometry, const Tensor& dy,
                           const Tensor& packed, const Tensor& dx);

// dw, plain [K, C/groups, R, S], is added to.
void convolution_dw_direct(Context& context, const ConvolutionGeometry& geometry, const Tensor& x,
                           const Tensor& dy, float* dw);

}  // namespace lrcn::cuda
