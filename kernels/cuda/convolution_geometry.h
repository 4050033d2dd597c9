// A convolution as its CUDA kernels see it.
#pragma once

#include <cstdint>

#include "kernels/convolution.h"
#include "kernels/cuda/divisor.h"

namespace lrcn::cuda {

// Packed weights are [K, R, S, C/groups]; y and dy are nhwc; x and dx are plain or nhwc.
struct ConvolutionGeometry {
  // Throws ArgumentError where a plane of pixels has 2^31 elements or more.
  ConvolutionGeometry(const ConvolutionProblem& problem, const TensorSpec& x, const TensorSpec& y);

  std::int64_t images;
  std::int32_t channels, height, width;              // C, H, W
  std::int32_t out_channels, out_height, out_width;  // K, P, Q
  std::int32_t kernel_h, kernel_w;                   // R, S
  std::int32_t stride_h, stride_w;
  std::int32_t pad_top, pad_left;
  std::int32_t groups, group_channels, group_outputs;

  // Distances in x, in elements: x[n,c,h,w] is at n x_image + c x_channel + (h W + w) x_pixel.
  std::int64_t x_image;
  std::int32_t x_channel, x_pixel;
  std::int64_t y_image;

  Divisor by_width, by_plane;            // W, H W
  Divisor by_out_width, by_out_plane;    // Q, P Q
  Divisor by_channels, by_out_channels;  // C, K
  Divisor by_group_channels, by_group_outputs;
  Divisor by_kernel_w;
  Divisor by_stride_h, by_stride_w;

  LRCN_HOST_DEVICE std::int64_t x_pixels() const { return images * height * width; }
  LRCN_HOST_DEVICE std::int64_t y_pixels() const { return images * out_height * out_width; }
  std::int64_t weights() const {
    return std::int64_t(out_channels) * group_channels * kernel_h * kernel_w;
  }
  // Products in a sum of forward and of dx.
  LRCN_HOST_DEVICE std::int32_t forward_taps() const {
    return kernel_h * kernel_w * group_channels;
  }
  LRCN_HOST_DEVICE std::int32_t dx_taps() const { return kernel_h * kernel_w * group_outputs; }
};

}  // namespace lrcn::cuda
