// Convolution straight from its definition, a thread for every result: what the tiled kernels are
// measured against, and what serves filters of few channels.
#pragma once

#include "core/context.h"
#include "kernels/cuda/convolution_geometry.h"

namespace lrcn::cuda {

// y = act(x * w + bias). packed: [K, R, S, C/groups]; bias: [K] or nullptr.
struct ConvolutionForward {
  const float* x;
  const float* packed;
  const float* bias;
  bool relu;
  float* y;
};
void convolution_forward_direct(Context& context, const ConvolutionGeometry& geometry,
                                const ConvolutionForward& arguments);

// dx is written.
void convolution_dx_direct(Context& context, const ConvolutionGeometry& geometry, const float* dy,
                           const float* packed, float* dx);

// dw, plain [K, C/groups, R, S], is added to.
void convolution_dw_direct(Context& context, const ConvolutionGeometry& geometry, const float* x,
                           const float* dy, float* dw);

}  // namespace lrcn::cuda
