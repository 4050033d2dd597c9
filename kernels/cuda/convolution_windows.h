// The 2x2 windows of a pooled y as rows of a tile, and where their maxima go.
//
// Sixteen rows of forward are four windows. Those of window v are 2v and 2v + 8, its upper left and
// right pixel, and 2v + 1 and 2v + 9 below them. Of a result in fragments (ptx/matrix.h) a thread
// then holds two pixels side by side, and the other lane of (lane ^ 4) those above or below. Pixels
// of windows that reach beyond y have no row: nobody computes them.
#pragma once

#include <cstdint>

#include "kernels/cuda/convolution_results.h"
#include "kernels/cuda/convolution_sources.h"

namespace lrcn::cuda {

// What is saved of a window: 0 .. 3, the row-major number of the pixel that its maximum comes from,
// or this where its gradient goes nowhere, as the ReLU is closed.
inline constexpr std::uint8_t kNoPixel = 4;

// Whether `later` is the maximum of the two: the first of equal ones is, and NaN counts as largest.
// As in pooling.cu.
__device__ inline bool is_maximum(float later, float earlier) {
  return !(later <= earlier) && earlier == earlier;
}

// What is saved of a window with this maximum, from this pixel, before the ReLU.
__device__ inline std::uint8_t saved_pixel(float maximum, std::uint8_t pixel, bool relu) {
  return relu && !(maximum > 0.0f) ? kNoPixel : pixel;
}

struct PoolingWindows {
  static constexpr std::int32_t kOfRows = 4;  // in as many rows as a fragment has
  static constexpr std::int32_t kRows = 16;

  std::int32_t count = 0;  // N (P/2) (Q/2); 0: the rows are pixels of y
  Divisor by_width;        // Q/2
  Divisor by_plane;        // (P/2) (Q/2)

  PoolingWindows() = default;
  explicit PoolingWindows(const ConvolutionGeometry& g)
      : count(std::int32_t(g.images * (g.out_height / 2) * (g.out_width / 2))),
        by_width(g.out_width / 2),
        by_plane(std::int64_t(g.out_height / 2) * (g.out_width / 2)) {}

  std::int64_t rows() const {
    return (std::int64_t(count) + kOfRows - 1) / kOfRows * std::int64_t(kRows);
  }
};

// As ImagePatches, with the rows in the order above where there are windows.
template <class ElementOf>
struct WindowPatches : ImagePatches<ElementOf> {
  using Row = typename ImagePatches<ElementOf>::Row;

  const PoolingWindows& windows;

  __device__ Row row(std::int32_t i) const {
    if (windows.count == 0) {
      return ImagePatches<ElementOf>::row(i);
    }
    constexpr std::int32_t kRows = PoolingWindows::kRows;
    const std::int32_t window = i / kRows * PoolingWindows::kOfRows + i % (kRows / 2) / 2;
    const auto [n, place] = windows.by_plane(window);
    const auto [p, q] = windows.by_width(place);
    return this->row_of(n, 2 * p + i % 2, 2 * q + i % kRows / (kRows / 2));
  }
};

// The maxima of some pixels of a window in two neighbouring columns, and which pixels they are.
struct WindowMaxima {
  float value[2];
  std::uint16_t pixel[2];

  // Those of `later` are behind all of these.
  __device__ void add(const WindowMaxima& later) {
    for (int i = 0; i < 2; ++i) {
      const bool more = is_maximum(later.value[i], value[i]);
      value[i] = more ? later.value[i] : value[i];
      pixel[i] = more ? later.pixel[i] : pixel[i];
    }
  }
};

// Member by member, as a choice between addresses would put both into memory.
__device__ inline WindowMaxima choose(bool first, const WindowMaxima& a, const WindowMaxima& b) {
  return {{first ? a.value[0] : b.value[0], first ? a.value[1] : b.value[1]},
          {first ? a.pixel[0] : b.pixel[0], first ? a.pixel[1] : b.pixel[1]}};
}

// Where the maxima of a group go.
struct MaximumOutput {
  ResultMemory y;
  std::uint8_t* saved;  // or nullptr
  const float* bias;    // [columns] or nullptr
  bool relu;
  bool wide;  // two columns may be written at once
  std::int32_t windows;
  std::int32_t columns;
  std::int64_t pitch;

  // Of two pixels side by side, in column and the one behind it. Pixels are compared as memory
  // would hold them, so that equal ones are those that pooling apart from this would find equal.
  __device__ WindowMaxima of_row(std::int32_t column, const float (&left)[2],
                                 const float (&right)[2], std::uint16_t first_pixel) const {
    const float bias0 = bias_of(column);
    const float bias1 = bias_of(column + 1);
    const Pack<float, 2> first = y.rounded(left[0] + bias0, left[1] + bias1);
    const Pack<float, 2> second = y.rounded(right[0] + bias0, right[1] + bias1);
    const auto next = std::uint16_t(first_pixel + 1);
    WindowMaxima maxima{{first.at[0], first.at[1]}, {first_pixel, first_pixel}};
    maxima.add({{second.at[0], second.at[1]}, {next, next}});
    return maxima;
  }

  __device__ void store(std::int32_t window, std::int32_t column,
                        const WindowMaxima& maxima) const {
    if (window >= windows || column >= columns) {
      return;
    }
    Pack<float, 2> result;
    Pack<std::uint8_t, 2> from;
    for (int i = 0; i < 2; ++i) {
      const float value = maxima.value[i];
      result.at[i] = relu && value < 0.0f ? 0.0f : value;
      from.at[i] = saved_pixel(value, std::uint8_t(maxima.pixel[i]), relu);
    }
    const std::int64_t at = window * pitch + column;
    if (wide) {
      y.store(at, result);
      if (saved != nullptr) {
        *reinterpret_cast<Pack<std::uint8_t, 2>*>(saved + at) = from;
      }
      return;
    }
    for (int i = 0; i < 2; ++i) {
      if (column + i < columns) {
        y.store(at + i, result.at[i]);
        if (saved != nullptr) {
          saved[at + i] = from.at[i];
        }
      }
    }
  }

 private:
  __device__ float bias_of(std::int32_t column) const {
    return bias != nullptr && column < columns ? bias[column] : 0.0f;
  }
};

}  // namespace lrcn::cuda
