// Convolution as a product of matrices that exist only as addresses (implicit GEMM).
//
// A source is a matrix of rows and taps whose neighbouring taps mostly lie side by side in memory.
// What depends on the row alone and on the tap alone is computed apart, as a Row and a Tap: their
// element is at row.begin + tap.offset, or zero where it is not inside() of the image, the rows and
// the taps. Of images, the taps of one pixel lie side by side and are inside of the same rows.
#pragma once

#include <cstdint>

#include "kernels/cuda/convolution_geometry.h"
#include "kernels/cuda/element.h"

namespace lrcn::cuda {

// The sums of forward and dx run along the taps of both their sources; those of dw along the rows.
enum class Sum : std::uint8_t { along_taps, along_rows };

// Added up, two of these still stay outside of every image.
inline constexpr std::int32_t kOutside = -(1 << 29);

// A matrix in memory.
template <class ElementOf>
struct MatrixSource {
  using Element = ElementOf;
  static constexpr bool kHasPixels = false;

  const Element* data;
  std::int32_t pitch;
  std::int32_t row_count;
  std::int32_t tap_count;

  struct Row {
    const Element* begin;
    std::int32_t number;
  };
  struct Tap {
    std::int32_t offset;
  };
  __device__ Row row(std::int32_t i) const { return {data + std::int64_t(i) * pitch, i}; }
  __device__ Row neighbour(const Row& row, std::int32_t distance) const {
    return {row.begin + std::int64_t(distance) * pitch, row.number + distance};
  }
  __device__ Tap tap(std::int32_t j) const { return {j}; }
  __device__ bool inside(const Row& row, const Tap& tap) const {
    return row.number < row_count && tap.offset < tap_count;
  }
};

// Row (n, p, q): the pixels of x under window (p, q). Tap (r, s, c).
template <class ElementOf>
struct ImagePatches {
  using Element = ElementOf;
  static constexpr bool kHasPixels = true;

  const Element* data;  // x from the first channel of the group on
  const ConvolutionGeometry& g;

  struct Row {
    const Element* begin;  // the upper left corner, which may be outside
    std::int32_t h, w;
  };
  struct Tap {
    std::int32_t offset;
    std::int32_t r, s;
  };
  __device__ Row row(std::int32_t i) const {
    const auto [n, pixel] = g.by_out_plane(i);
    const auto [p, q] = g.by_out_width(pixel);
    return row_of(n, p, q);
  }
  __device__ Row row_of(std::int32_t n, std::int32_t p, std::int32_t q) const {
    const std::int32_t h = p * g.stride_h - g.pad_top;
    const std::int32_t w = q * g.stride_w - g.pad_left;
    return {data + (std::int64_t(n) * std::int32_t(g.x_image) +
                    std::int64_t(h * g.width + w) * g.x_pixel),
            n < std::int32_t(g.images) ? h : kOutside, w};
  }
  __device__ Tap tap(std::int32_t j) const {
    const auto [pixel, c] = g.by_group_channels(j);
    const auto [r, s] = g.by_kernel_w(pixel);
    return {(r * g.width + s) * g.x_pixel + c * g.x_channel, r < g.kernel_h ? r : kOutside, s};
  }
  // Behind the last tap of the same pixel.
  __device__ std::int32_t pixel_end(std::int32_t j) const {
    return j - g.by_group_channels(j).remainder + g.group_channels;
  }
  __device__ bool inside(const Row& row, const Tap& tap) const {
    return unsigned(row.h + tap.r) < unsigned(g.height) &&
           unsigned(row.w + tap.s) < unsigned(g.width);
  }
};

// Row (n, h, w): the elements of dy whose windows hold pixel (h, w). Tap (r, s, k). Window p begins
// at p stride_h of the padded image, and its row r is at p stride_h + r: to pixel h and tap r
// belongs window h/stride_h - r/stride_h where both divisions leave the same rest, else none.
template <class ElementOf>
struct GradientPatches {
  using Element = ElementOf;
  static constexpr bool kHasPixels = true;

  const Element* data;  // dy from the first channel of the group on
  const ConvolutionGeometry& g;

  struct Row {
    const Element* begin;  // of window (p, q), which may be outside
    std::int32_t p, q;
    std::int32_t rest;  // of both divisions
  };
  struct Tap {
    std::int32_t offset;
    std::int32_t p, q;
    std::int32_t rest;
  };
  __device__ Row row(std::int32_t i) const {
    const auto [n, pixel] = g.by_plane(i);
    const auto [h, w] = g.by_width(pixel);
    const auto [p, rest_p] = g.by_stride_h(h + g.pad_top);
    const auto [q, rest_q] = g.by_stride_w(w + g.pad_left);
    return {data + (std::int64_t(n) * std::int32_t(g.y_image) +
                    std::int64_t(p * g.out_width + q) * g.out_channels),
            n < std::int32_t(g.images) ? p : kOutside, q, rest_p * g.stride_w + rest_q};
  }
  __device__ Tap tap(std::int32_t j) const {
    const auto [pixel, k] = g.by_group_outputs(j);
    const auto [r, s] = g.by_kernel_w(pixel);
    const auto [p, rest_p] = g.by_stride_h(r);
    const auto [q, rest_q] = g.by_stride_w(s);
    return {k - (p * g.out_width + q) * g.out_channels, r < g.kernel_h ? p : -kOutside, q,
            rest_p * g.stride_w + rest_q};
  }
  __device__ std::int32_t pixel_end(std::int32_t j) const {
    return j - g.by_group_outputs(j).remainder + g.group_outputs;
  }
  __device__ bool inside(const Row& row, const Tap& tap) const {
    return unsigned(row.p - tap.p) < unsigned(g.out_height) &&
           unsigned(row.q - tap.q) < unsigned(g.out_width) && row.rest == tap.rest;
  }
};

}  // namespace lrcn::cuda
