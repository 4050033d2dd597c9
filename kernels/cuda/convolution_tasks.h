// The three products of a convolution, as the tiled kernels compute them.
//
//            result                   sums along            left source       right source
//   forward  y  [N P Q, K/groups]     taps (r, s, c)        patches of x      weights
//   dx       dx [N H W, C/groups]     taps (r, s, k)        patches of dy     weights packed for dx
//   dw       parts [K/groups, R S C]  rows (n, p, q)        dy                patches of x
//
// each for every group, and dw also for every split of its sums. Sources are f32 or bf16 in memory,
// and so are y and dx. The rows of forward may come window by window (convolution_windows.h).
#pragma once

#include "kernels/cuda/convolution_windows.h"

namespace lrcn::cuda {

// Where the results of a group go; columns lie side by side unless dx is plain.
struct TileOutput {
  ResultMemory data;
  const float* bias;  // [columns] or nullptr
  bool relu;
  bool wide;  // four columns may be written at once
  std::int32_t rows;
  std::int32_t columns;
  std::int64_t pitch;
  // Only for plain dx: row (n, pixel).
  const ConvolutionGeometry* plain;

  // `count` neighbouring columns of one row, those beyond the last left out.
  template <int count>
  __device__ void store(std::int32_t row, std::int32_t column, const float (&values)[count]) const {
    if (row >= rows || column >= columns) {
      return;
    }
    Pack<float, count> result;
    for (int i = 0; i < count; ++i) {
      float value = values[i];
      if (bias != nullptr && column + i < columns) {
        value += bias[column + i];
      }
      result.at[i] = relu && value < 0.0f ? 0.0f : value;
    }
    if (wide) {
      data.store(row * pitch + column, result);
      return;
    }
    for (int i = 0; i < count; ++i) {
      if (column + i < columns) {
        data.store(offset(row, column + i), result.at[i]);
      }
    }
  }

 private:
  __device__ std::int64_t offset(std::int32_t row, std::int32_t column) const {
    if (plain == nullptr) {
      return row * pitch + column;
    }
    const auto [n, pixel] = plain->by_plane(row);
    return n * plain->x_image + std::int64_t(column) * plain->x_channel + pixel;
  }
};

// Begin and end of a sum.
struct SumRange {
  std::int32_t begin;
  std::int32_t end;
};

template <class Element>
struct ForwardTask {
  using Left = WindowPatches<Element>;
  using Right = MatrixSource<Element>;
  static constexpr Sum kSum = Sum::along_taps;

  ConvolutionGeometry g;
  const Element* x;
  const Element* packed;  // [K, R, S, C/groups]
  const float* bias;      // [K] or nullptr
  bool relu;
  ResultMemory y;
  bool wide;
  // Where y is pooled, by kernels that can:
  PoolingWindows windows = {};
  std::uint8_t* saved = nullptr;  // [N, P/2, Q/2, K] or nullptr

  __device__ Left left(std::int32_t group) const {
    return {{x + std::int64_t(group) * g.group_channels * g.x_channel, g}, windows};
  }
  __device__ Right right(std::int32_t group) const {
    return {packed + std::int64_t(group) * g.group_outputs * g.forward_taps(), g.forward_taps(),
            g.group_outputs, g.forward_taps()};
  }
  __device__ SumRange range(std::int32_t) const { return {0, g.forward_taps()}; }
  __device__ TileOutput output(std::int32_t group, std::int32_t) const {
    return {y.from(group * g.group_outputs),
            bias == nullptr ? nullptr : bias + group * g.group_outputs,
            relu,
            wide,
            std::int32_t(g.y_pixels()),
            g.group_outputs,
            g.out_channels,
            nullptr};
  }
  __device__ MaximumOutput maxima(std::int32_t group) const {
    const std::int32_t first = group * g.group_outputs;
    return {y.from(first),
            saved == nullptr ? nullptr : saved + first,
            bias == nullptr ? nullptr : bias + first,
            relu,
            wide,
            windows.count,
            g.group_outputs,
            g.out_channels};
  }
  std::int64_t rows() const { return windows.count > 0 ? windows.rows() : g.y_pixels(); }
  std::int64_t columns() const { return g.group_outputs; }
  std::int32_t splits() const { return 1; }
};

template <class Element>
struct DxTask {
  using Left = GradientPatches<Element>;
  using Right = MatrixSource<Element>;
  static constexpr Sum kSum = Sum::along_taps;

  ConvolutionGeometry g;
  const Element* dy;
  const Element* packed;  // [C, R, S, K/groups]
  ResultMemory dx;
  bool wide;

  __device__ Left left(std::int32_t group) const { return {dy + group * g.group_outputs, g}; }
  __device__ Right right(std::int32_t group) const {
    return {packed + std::int64_t(group) * g.group_channels * g.dx_taps(), g.dx_taps(),
            g.group_channels, g.dx_taps()};
  }
  __device__ SumRange range(std::int32_t) const { return {0, g.dx_taps()}; }
  __device__ TileOutput output(std::int32_t group, std::int32_t) const {
    return {dx.from(std::int64_t(group) * g.group_channels * g.x_channel),
            nullptr,
            false,
            wide,
            std::int32_t(g.x_pixels()),
            g.group_channels,
            g.channels,
            g.x_channel == 1 ? nullptr : &g};
  }
  std::int64_t rows() const { return g.x_pixels(); }
  std::int64_t columns() const { return g.group_channels; }
  std::int32_t splits() const { return 1; }
};

template <class X, class Y>
struct DwTask {
  using Left = MatrixSource<Y>;
  using Right = ImagePatches<X>;
  static constexpr Sum kSum = Sum::along_rows;

  ConvolutionGeometry g;
  const X* x;
  const Y* dy;
  float* parts;  // [splits, K, R, S, C/groups]
  std::int32_t split_count;
  std::int32_t split_rows;  // of a sum, each
  bool wide;

  __device__ Left left(std::int32_t group) const {
    return {dy + group * g.group_outputs, g.out_channels, std::int32_t(g.y_pixels()),
            g.group_outputs};
  }
  __device__ Right right(std::int32_t group) const {
    return {x + std::int64_t(group) * g.group_channels * g.x_channel, g};
  }
  __device__ SumRange range(std::int32_t split) const {
    const std::int32_t begin = split * split_rows;
    const auto left_over = std::int32_t(g.y_pixels() - begin);
    return {begin, begin + (left_over < split_rows ? left_over : split_rows)};
  }
  __device__ TileOutput output(std::int32_t group, std::int32_t split) const {
    const std::int64_t row = std::int64_t(split) * g.out_channels + group * g.group_outputs;
    return {ResultMemory(parts + row * g.forward_taps()),
            nullptr,
            false,
            wide,
            g.group_outputs,
            g.forward_taps(),
            g.forward_taps(),
            nullptr};
  }
  std::int64_t rows() const { return g.group_outputs; }
  std::int64_t columns() const { return g.forward_taps(); }
  std::int32_t splits() const { return split_count; }
};

}  // namespace lrcn::cuda
