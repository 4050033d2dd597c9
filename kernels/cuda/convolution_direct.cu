// Convolution straight from its definition: a thread walks through the sum of one result, in the
// order of rows, columns and channels of the filter.
#include "kernels/cuda/convolution_direct.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/plane_walk.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {
namespace {

using Geometry = ConvolutionGeometry;

template <class Pointer>
using Element = std::remove_const_t<std::remove_pointer_t<Pointer>>;

// Calls body with the three as pointers to their elements.
template <class Body>
void with_elements(const Tensor& from, const Tensor& packed, const Tensor& to, const Body& body) {
  with_element(from.spec.dtype, [&](auto a) {
    with_element(packed.spec.dtype, [&](auto b) {
      with_element(to.spec.dtype, [&](auto c) {
        body(static_cast<const decltype(a)*>(from.data),
             static_cast<const decltype(b)*>(packed.data), to.as<decltype(c)>());
      });
    });
  });
}

// y[n,p,q,k] = act(bias[k] + sum_{r,s,c} x[n, c, p stride - pad + r, q stride - pad + s]
// w[k,r,s,c])
template <class X, class W, class Y>
__global__ void convolution_forward_direct_kernel(Geometry g, const X* x, const W* packed,
                                                  const float* bias, bool relu, Y* y) {
  walk_planes(g.images, std::int32_t(g.y_image), [&](std::int64_t n, std::int32_t index) {
    const auto [pixel, k] = g.by_out_channels(index);
    const auto [p, q] = g.by_out_width(pixel);
    const std::int32_t first = g.by_group_outputs(k).quotient * g.group_channels;
    const X* image = x + n * g.x_image + std::int64_t(first) * g.x_channel;
    const W* filter = packed + std::int64_t(k) * g.forward_taps();
    float sum = 0.0f;
    for (std::int32_t r = 0; r < g.kernel_h; ++r) {
      const std::int32_t h = p * g.stride_h - g.pad_top + r;
      for (std::int32_t s = 0; s < g.kernel_w; ++s) {
        const std::int32_t w = q * g.stride_w - g.pad_left + s;
        if (h < 0 || h >= g.height || w < 0 || w >= g.width) {
          continue;
        }
        const X* from = image + std::int64_t(h * g.width + w) * g.x_pixel;
        const W* weights = filter + (r * g.kernel_w + s) * g.group_channels;
        for (std::int32_t c = 0; c < g.group_channels; ++c) {
          sum = multiply_add(load(from + std::int64_t(c) * g.x_channel), load(weights + c), sum);
        }
      }
    }
    sum += bias != nullptr ? bias[k] : 0.0f;
    store(y + n * g.y_image + index, relu && sum < 0.0f ? 0.0f : sum);
  });
}

// dx[n,c,h,w] = sum_{r,s,k} dy[n,p,q,k] w[k,r,s,c] where p stride - pad + r = h, and so along w
template <class Y, class W, class X>
__global__ void convolution_dx_direct_kernel(Geometry g, const Y* dy, const W* packed, X* dx) {
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
        const Y* from =
            dy + n * g.y_image + std::int64_t(p * g.out_width + q) * g.out_channels + first;
        const W* weights = packed + std::int64_t(first) * g.forward_taps() +
                           (r * g.kernel_w + s) * g.group_channels + channel;
        for (std::int32_t k = 0; k < g.group_outputs; ++k) {
          sum =
              multiply_add(load(from + k), load(weights + std::int64_t(k) * g.forward_taps()), sum);
        }
      }
    }
    store(dx + n * g.x_image + std::int64_t(pixel) * g.x_pixel + std::int64_t(c) * g.x_channel,
          sum);
  });
}

// dw[k,c,r,s] += sum_{n,p,q} dy[n,p,q,k] x[n, c, p stride - pad + r, q stride - pad + s]
template <class X, class Y>
__global__ void convolution_dw_direct_kernel(Geometry g, const X* x, const Y* dy, float* dw) {
  walk_planes(g.out_channels, g.forward_taps(), [&](std::int64_t k, std::int32_t index) {
    const auto [tap, channel] = g.by_group_channels(index);
    const auto [r, s] = g.by_kernel_w(tap);
    const std::int32_t group = g.by_group_outputs(std::int32_t(k)).quotient;
    const std::int32_t c = group * g.group_channels + channel;
    float sum = 0.0f;
    for (std::int64_t n = 0; n < g.images; ++n) {
      const X* image = x + n * g.x_image + std::int64_t(c) * g.x_channel;
      const Y* gradient = dy + n * g.y_image + k;
      for (std::int32_t p = 0; p < g.out_height; ++p) {
        const std::int32_t h = p * g.stride_h - g.pad_top + r;
        for (std::int32_t q = 0; q < g.out_width; ++q) {
          const std::int32_t w = q * g.stride_w - g.pad_left + s;
          if (h >= 0 && h < g.height && w >= 0 && w < g.width) {
            sum = multiply_add(load(gradient + std::int64_t(p * g.out_width + q) * g.out_channels),
                               load(image + std::int64_t(h * g.width + w) * g.x_pixel), sum);
          }
        }
      }
    }
    dw[k * g.forward_taps() + channel * g.kernel_h * g.kernel_w + tap] += sum;
  });
}

}  // namespace

void convolution_forward_direct(Context& context, const ConvolutionGeometry& geometry,
                                const ConvolutionForward& a) {
  const PlaneGrid shape(geometry.images, geometry.y_image);
  with_elements(a.x, a.packed, a.y, [&](const auto* x, const auto* packed, auto* y) {
    using X = Element<decltype(x)>;
    using W = Element<decltype(packed)>;
    launch(context, shape.grid, shape.threads, 0,
           convolution_forward_direct_kernel<X, W, Element<decltype(y)>>, geometry, x, packed,
           a.bias, a.relu, y);
  });
}

void convolution_dx_direct(Context& context, const ConvolutionGeometry& geometry, const Tensor& dy,
                           const Tensor& packed, const Tensor& dx) {
  const PlaneGrid shape(geometry.images, geometry.x_image);
  with_elements(dy, packed, dx, [&](const auto* from, const auto* weights, auto* to) {
    using Y = Element<decltype(from)>;
    using W = Element<decltype(weights)>;
    launch(context, shape.grid, shape.threads, 0,
           convolution_dx_direct_kernel<Y, W, Element<decltype(to)>>, geometry, from, weights, to);
  });
}

void convolution_dw_direct(Context& context, const ConvolutionGeometry& geometry, const Tensor& x,
                           const Tensor& dy, float* dw) {
  const PlaneGrid shape(geometry.out_channels, geometry.forward_taps());
  with_element(x.spec.dtype, [&](auto of_x) {
    with_element(dy.spec.dtype, [&](auto of_y) {
      using X = decltype(of_x);
      using Y = decltype(of_y);
      launch(context, shape.grid, shape.threads, 0, convolution_dw_direct_kernel<X, Y>, geometry,
             x.as<X>(), dy.as<Y>(), dw);
    });
  });
}

}  // namespace lrcn::cuda
