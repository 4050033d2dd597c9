// Kernels over matrices whose rows lie or are looked up anywhere.
#pragma once

#include <cstdint>

#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"

namespace lrcn::cuda {

// A warp walks along the columns of one row, so that its lanes read neighbours.
struct MatrixGrid {
  static constexpr unsigned kRows = 8;  // of a block

  dim3 grid;
  dim3 block{32, kRows};

  MatrixGrid(std::int64_t rows, std::int64_t columns)
      : grid(columns == 0 ? 0 : blocks_for(rows, kRows),
             columns == 0 ? 0 : blocks_for(columns, 8 * 32)) {}
};

// body(row, column) for the elements that fall to this thread; all of them together are all.
template <class Body>
__device__ void walk_matrix(std::int64_t rows, std::int64_t columns, const Body& body) {
  const std::int64_t row_step = std::int64_t(gridDim.x) * blockDim.y;
  const std::int64_t column_step = std::int64_t(gridDim.y) * blockDim.x;
  for (std::int64_t r = std::int64_t(blockIdx.x) * blockDim.y + threadIdx.y; r < rows;
       r += row_step) {
    for (std::int64_t c = std::int64_t(blockIdx.y) * blockDim.x + threadIdx.x; c < columns;
         c += column_step) {
      body(r, c);
    }
  }
}

}  // namespace lrcn::cuda
