// Kernels over [outer, plane]: many planes of fewer than 2^31 elements, so that positions within a
// plane are 32-bit numbers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/error.h"
#include "kernels/cuda/launch.h"

namespace lrcn::cuda {

struct PlaneGrid {
  dim3 grid;
  unsigned threads;

  // Throws ArgumentError for a larger plane.
  PlaneGrid(std::int64_t outer, std::int64_t plane) {
    check(plane < (std::int64_t(1) << 31), "cuda: a plane must have fewer than 2^31 elements, got ",
          plane);
    threads = unsigned(std::clamp<std::int64_t>((plane + 31) / 32 * 32, 32, 256));
    grid = dim3(unsigned((plane + threads - 1) / threads),
                unsigned(std::min<std::int64_t>(outer, 65535)));
  }
};

// body(outer, position) for the elements that fall to this thread; all of them together are all.
template <class Body>
__device__ void walk_planes(std::int64_t outer, std::int32_t plane, const Body& body) {
  const auto position = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (position >= plane) {
    return;
  }
  for (std::int64_t o = blockIdx.y; o < outer; o += gridDim.y) {
    body(o, std::int32_t(position));
  }
}

}  // namespace lrcn::cuda
