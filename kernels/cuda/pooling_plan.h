// How the threads of the pooling kernels find their elements.
#pragma once

#include <cstdint>

#include "kernels/cuda/device.h"
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/element.h"
#include "kernels/pooling_geometry.h"

namespace lrcn::cuda {

// A plane of `width` columns, seen as packs of `lanes` channels.
struct PackedPlane {
  Divisor columns;
  Divisor packs;  // of a pixel

  PackedPlane(std::int64_t width, std::int64_t inner, int lanes)
      : columns(width), packs(inner / lanes) {}

  struct Position {
    std::int32_t row;
    std::int32_t column;
    std::int32_t pack;
  };
  __device__ Position operator()(std::int32_t index) const {
    const auto [pixel, pack] = packs(index);
    const auto [row, column] = columns(pixel);
    return {row, column, pack};
  }
};

// Along one axis, the windows that hold a pixel. The same as PoolingGeometry's, whose divisions of
// 64-bit numbers would take longer than the memory of the pixel.
struct PoolingAxis {
  Divisor stride;
  std::int32_t kernel;
  std::int32_t pad;
  std::int32_t windows;

  struct Range {
    std::int32_t begin, end;
  };
  __device__ Range windows_of(std::int32_t pixel) const {
    const std::int32_t past = pixel + pad - kernel;
    const std::int32_t begin = past < 0 ? 0 : stride(past).quotient + 1;
    const std::int32_t end = stride(pixel + pad).quotient + 1;
    return {begin, end < windows ? end : windows};
  }
};

struct PoolingPlan {
  PoolingGeometry geometry;
  PackedPlane walked;     // the plane whose elements the threads compute
  std::int32_t elements;  // packs of it
  PoolingAxis down;
  PoolingAxis across;
};

}  // namespace lrcn::cuda
