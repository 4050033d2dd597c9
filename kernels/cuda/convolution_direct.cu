// Convolution straight from its definition: a thread walks through the sum of one result, in the
// order of rows, columns and channels of the filter.
#include "kernels/cuda/convolution_direct.h"
#include "kernels/cuda/plane_walk.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {
namespace {

using Geometry = ConvolutionGeometry;

// y[n,p,q,k] = act(bias[k] + sum_{r,s,c} x[n, c, p stride - pad + r, q stride - pad + s]
// w[k,r,s,c])
__global__ void convolution_forward_direct_kernel(Geometry g, ConvolutionForward a) {
  walk_planes(g.images, std::int32_t(g.y_image), [&](std::int64_t n, std::int32_t index) {
    const auto [pixel, k] = g.by_out_channels(index);
    const auto [p, q] = g.by_out_width(pixel);
    const std::int32_t first = g.by_group_outputs(k).quotient * g.group_channels;
    const float* image = a.x + n * g.x_image + std::int64_t(first) * g.x_channel;
    const float* filter = a.packed + std::int64_t(k) * g.forward_taps();
    float sum = 0.0f;
    for (std::int32_t r = 0; r < g.kernel_h; ++r) {
      const std::int32_t h = p * g.stride_h - g.pad_top + r;
      for (std::int32_t s = 0; s < g.kernel_w; ++s) {
        const std::int32_t w = q * g.stride_w - g.pad_left + s;
        if (h < 0 || h >= g.height || w < 0 || w >= g.width) {
          continue;
        }
        const float* from = image + std::int64_t(h * g.width + w) * g.x_pixel;
        const float* weights = filter + (r * g.kernel_w + s) * g.group_channels;
        for (std::int32_t c = 0; c < g.group_channels; ++c) {
          sum = multiply_add(from[std::int64_t(c) * g.x_channel], weights[c], sum);
        }
      }
    }
    sum += a.bias != nullptr ? a.bias[k] : 0.0f;
    a.y[n * g.y_image + index] = a.relu && sum < 0.0f ? 0.0f : sum;
  });
}

// dx[n,c,h,w] = sum_{r,s,k} dy[n,p,q,k] w[k,r,s,c] where p stride - pad + r = h, and so along w
__global__ void convolution_dx_direct_kernel(Geometry g, const float* dy, const float* packed,
                                             float* dx) {
  walk_planes(g.images, std::int32_t(g.x_image), [&](std::int64_t n, std::int32_t index) {
    const auto [pixel, c] = g.by_channels(index);
    const auto [h, w] = g.by_width(pixel);
    const auto [group, channel] = g.by_group_channels(c);
    const std::int32_t first = group * g.group_outputs;
    float sum = 0.0f;
    for (std::int32_t r = 0; r < g.kernel_h; ++r) {
      const std::int32_t above = h + g.pad_top - r;
      for (std::int32_t s = 0; s < g.kernel_w; ++s) {
        const std::int32_t left = w + g.pad_left - s;
        if (above < 0 || left < 0) {
          continue;
        }
        const auto [p, rest_p] = g.by_stride_h(above);
        const auto [q, rest_q] = g.by_stride_w(left);
        if (rest_p != 0 || rest_q != 0 || p >= g.out_height || q >= g.out_width) {
          continue;
        }
        const float* from =
            dy + n * g.y_image + std::int64_t(p * g.out_width + q) * g.out_channels + first;
        const float* weights = packed + std::int64_t(first) * g.forward_taps() +
                               (r * g.kernel_w + s) * g.group_channels + channel;
        for (std::int32_t k = 0; k < g.group_outputs; ++k) {
          sum = multiply_add(from[k], weights[std::int64_t(k) * g.forward_taps()], sum);
        }
      }
    }
    dx[n * g.x_image + std::int64_t(pixel) * g.x_pixel + std::int64_t(c) * g.x_channel] = sum;
  });
}

// dw[k,c,r,s] += sum_{n,p,q} dy[n,p,q,k] x[n, c, p stride - pad + r, q stride - pad + s]
__global__ void convolution_dw_direct_kernel(Geometry g, const float* x, const float* dy,
                                             float* dw) {
  walk_planes(g.out_channels, g.forward_taps(), [&](std::int64_t k, std::int32_t index) {
    const auto [tap, channel] = g.by_group_channels(index);
    const auto [r, s] = g.by_kernel_w(tap);
    const std::int32_t group = g.by_group_outputs(std::int32_t(k)).quotient;
    const std::int32_t c = group * g.group_channels + channel;
    float sum = 0.0f;
    for (std::int64_t n = 0; n < g.images; ++n) {
      const float* image = x + n * g.x_image + std::int64_t(c) * g.x_channel;
      const float* gradient = dy + n * g.y_image + k;
      for (std::int32_t p = 0; p < g.out_height; ++p) {
        const std::int32_t h = p * g.stride_h - g.pad_top + r;
        for (std::int32_t q = 0; q < g.out_width; ++q) {
          const std::int32_t w = q * g.stride_w - g.pad_left + s;
          if (h >= 0 && h < g.height && w >= 0 && w < g.width) {
            sum = multiply_add(gradient[std::int64_t(p * g.out_width + q) * g.out_channels],
                               image[std::int64_t(h * g.width + w) * g.x_pixel], sum);
          }
        }
      }
    }
    dw[k * g.forward_taps() + channel * g.kernel_h * g.kernel_w + tap] += sum;
  });
}

}  // namespace

void convolution_forward_direct(Context& context, const ConvolutionGeometry& geometry,
                                const ConvolutionForward& arguments) {
  const PlaneGrid shape(geometry.images, geometry.y_image);
  launch(context, shape.grid, shape.threads, 0, convolution_forward_direct_kernel, geometry,
         arguments);
}

void convolution_dx_direct(Context& context, const ConvolutionGeometry& geometry, const float* dy,
                           const float* packed, float* dx) {
  const PlaneGrid shape(geometry.images, geometry.x_image);
  launch(context, shape.grid, shape.threads, 0, convolution_dx_direct_kernel, geometry, dy, packed,
         dx);
}

void convolution_dw_direct(Context& context, const ConvolutionGeometry& geometry, const float* x,
                           const float* dy, float* dw) {
  const PlaneGrid shape(geometry.out_channels, geometry.forward_taps());
  launch(context, shape.grid, shape.threads, 0, convolution_dw_direct_kernel, geometry, x, dy, dw);
}

}  // namespace lrcn::cuda
