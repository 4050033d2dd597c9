// How a tiled kernel is launched: one block for each tile of the result, group and split of the
// sums.
#pragma once

#include "kernels/cuda/convolution_reader.h"
#include "kernels/cuda/convolution_tasks.h"
#include "kernels/cuda/launch.h"

namespace lrcn::cuda {

// Tiles of one row of tiles are neighbours, so that blocks which run at the same time read the same
// rows of the left source.
struct TileGrid {
  Divisor column_tiles;
  Divisor splits;
  dim3 grid;

  template <class Task>
  TileGrid(const Task& task, int tile_rows, int tile_columns)
      : column_tiles((task.columns() + tile_columns - 1) / tile_columns), splits(task.splits()) {
    const std::int64_t row_tiles = (task.rows() + tile_rows - 1) / tile_rows;
    const std::int64_t tiles = row_tiles * column_tiles.value();
    constexpr std::int64_t kMostTiles = (std::int64_t(1) << 31) - 1;
    constexpr std::int64_t kMostGroups = 65535;
    const std::int64_t z = std::int64_t(task.g.groups) * task.splits();
    check(tiles <= kMostTiles && z <= kMostGroups, "convolution: ", tiles, " tiles of ", z,
          " groups and splits are more than a grid takes");
    grid = dim3(unsigned(tiles), 1, unsigned(z));
  }

  struct Place {
    std::int32_t row_tile, column_tile, group, split;
  };
  __device__ Place place() const {
    const auto [row, column] = column_tiles(std::int32_t(blockIdx.x));
    const auto [group, split] = splits(std::int32_t(blockIdx.z));
    return {row, column, group, split};
  }
};

}  // namespace lrcn::cuda
