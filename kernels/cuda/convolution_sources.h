// Convolution as a product of matrices that exist only as addresses (implicit GEMM).
//
// A source is a matrix of rows and taps whose neighbouring taps mostly lie side by side in memory.
// What depends on the row alone and on the tap alone is computed once, as a Row and a Tap; at()
// joins the two to an address, or to nullptr where the matrix is zero: outside of the image, of the
// rows or of the taps.
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

  const Element* data;
  std::int64_t pitch;
  std::int32_t rows;
  std::int32_t taps;

  struct Row {
    std::int64_t offset;  // negative: no such row
  };
  struct Tap {
    std::int32_t offset;
  };
  __device__ Row row(std::int32_t i) const { return {i < rows ? i * pitch : -1}; }
  __device__ Tap tap(std::int32_t j) const { return {j < taps ? j : -1}; }
  __device__ const Element* at(const Row& row, const Tap& tap) const {
    return row.offset >= 0 && tap.offset >= 0 ? data + row.offset + tap.offset : nullptr;
  }
};

// Row (n, p, q): the pixels of x under window (p, q). Tap (r, s, c).
template <class ElementOf>
struct ImagePatches {
  using Element = ElementOf;

  const Element* data;  // x from the first channel of the group on
  const ConvolutionGeometry& g;
  std::int32_t rows;

  struct Row {
    std::int64_t offset;  // of the upper left corner, which may be outside
    std::int32_t h, w;
  };
  struct Tap {
    std::int32_t offset;
    std::int32_t r, s;
  };
  __device__ Row row(std::int32_t i) const {
    const auto [n, pixel] = g.by_out_plane(i);
    const auto [p, q] = g.by_out_width(pixel);
    return row_of(n, p, q, i < rows);
  }
  __device__ Row row_of(std::int32_t n, std::int32_t p, std::int32_t q, bool exists) const {
    const std::int32_t h = p * g.stride_h - g.pad_top;
    const std::int32_t w = q * g.stride_w - g.pad_left;
    return {n * g.x_image + std::int64_t(h * g.width + w) * g.x_pixel, exists ? h : kOutside, w};
  }
  __device__ Tap tap(std::int32_t j) const {
    const auto [pixel, c] = g.by_group_channels(j);
    const auto [r, s] = g.by_kernel_w(pixel);
    return {(r * g.width + s) * g.x_pixel + c * g.x_channel, r < g.kernel_h ? r : kOutside, s};
  }
  __device__ const Element* at(const Row& row, const Tap& tap) const {
    const bool inside =
        unsigned(row.h + tap.r) < unsigned(g.height) && unsigned(row.w + tap.s) < unsigned(g.width);
    return inside ? data + row.offset + tap.offset : nullptr;
  }
};

// Row (n, h, w): the elements of dy whose windows hold pixel (h, w). Tap (r, s, k).
template <class ElementOf>
struct GradientPatches {
  using Element = ElementOf;

  const Element* data;  // dy from the first channel of the group on
  const ConvolutionGeometry& g;
  std::int32_t rows;

  struct Row {
    std::int64_t offset;  // of the image
    std::int32_t h, w;    // in the padded image
  };
  struct Tap {
    std::int32_t k;
    std::int32_t r, s;
  };
  __device__ Row row(std::int32_t i) const {
    const auto [n, pixel] = g.by_plane(i);
    const auto [h, w] = g.by_width(pixel);
    return {n * g.y_image, i < rows ? h + g.pad_top : kOutside, w + g.pad_left};
  }
  __device__ Tap tap(std::int32_t j) const {
    const auto [pixel, k] = g.by_group_outputs(j);
    const auto [r, s] = g.by_kernel_w(pixel);
    return {k, r < g.kernel_h ? r : -kOutside, s};
  }
  __device__ const Element* at(const Row& row, const Tap& tap) const {
    const std::int32_t above = row.h - tap.r;
    const std::int32_t left = row.w - tap.s;
    if (above < 0 || left < 0) {
      return nullptr;
    }
    const auto [p, rest_p] = g.by_stride_h(above);
    const auto [q, rest_q] = g.by_stride_w(left);
    const bool inside = (rest_p | rest_q) == 0 && p < g.out_height && q < g.out_width;
    return inside ? data + row.offset + std::int64_t(p * g.out_width + q) * g.out_channels + tap.k
                  : nullptr;
  }
};

}  // namespace lrcn::cuda
