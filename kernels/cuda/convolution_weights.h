// The weights of a convolution on their way into and out of its tiled kernels.
#pragma once

#include "core/context.h"
#include "kernels/cuda/convolution_geometry.h"

namespace lrcn::cuda {

// packed [K, R, S, C/groups] = w, plain [K, C/groups, R, S]. packed: f32 or bf16.
void convolution_pack(Context& context, const ConvolutionGeometry& geometry, const float* w,
                      const Tensor& packed);

// packed [C, R, S, K/groups], what dx reads.
void convolution_pack_for_dx(Context& context, const ConvolutionGeometry& geometry, const float* w,
                             const Tensor& packed);

// dw, plain [K, C/groups, R, S], += the sum of parts [splits, K, R, S, C/groups] in their order.
void convolution_add_parts(Context& context, const ConvolutionGeometry& geometry,
                           const float* parts, std::int32_t splits, float* dw);

// db[k] += sum of dy [y_pixels, K] over pixels, accumulated in double in an order that depends on
// the shape alone. Where y is given, dy becomes zero first where y is not positive.
struct ConvolutionBiasGradient {
  Tensor y;      // or none
  Tensor dy;     // f32 or bf16, as y
  double* sums;  // scratch memory of convolution_bias_bytes()
  float* db;
};
void convolution_add_bias_gradient(Context& context, const ConvolutionGeometry& geometry,
                                   const ConvolutionBiasGradient& arguments);
std::size_t convolution_bias_bytes(const ConvolutionGeometry& geometry);

// db[k] += sum over blocks of sums [blocks, columns], in their order.
void convolution_add_bias_sums(Context& context, const double* sums, std::int64_t blocks,
                               std::int64_t columns, float* db);

}  // namespace lrcn::cuda
