// Tiled convolution in f32: every thread keeps a square of sums in registers, tiles of the two
// sources pass through two buffers in shared memory.
#pragma once

#include "kernels/cuda/convolution_methods.h"
#include "kernels/cuda/convolution_tiles.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {

// rows x columns results a block, with a depth of products between two barriers. A thread has
// thread_rows x thread_columns of them, in pieces of 4 x 4 that lie apart: a warp then reads
// neighbouring memory.
template <int rows, int columns, int depth, int thread_rows, int thread_columns>
struct SimtTile {
  static constexpr int kRows = rows;
  static constexpr int kColumns = columns;
  static constexpr int kDepth = depth;
  static constexpr int kThreadRows = thread_rows;
  static constexpr int kThreadColumns = thread_columns;
  static constexpr int kThreadsAcross = columns / thread_columns;
  static constexpr int kThreads = rows / thread_rows * kThreadsAcross;
  // Four floats more than needed keep rows at 16 bytes and spread the chunks over the banks.
  static constexpr int kRowPitch = rows + 4;
  static constexpr int kColumnPitch = columns + 4;
  static constexpr int kStageFloats = depth * (kRowPitch + kColumnPitch);
  static constexpr std::size_t kSharedBytes = 2 * kStageFloats * sizeof(float);
};

struct alignas(16) Quad {
  float at[4];
};

// Brings chunks from memory to registers, and later from there to a tile [depth, pitch].
template <class Reader, int lanes, int pitch>
struct StagedChunks {
  struct alignas(sizeof(float) * lanes) Chunk {
    float at[lanes];
  };
  Chunk chunks[Reader::kPasses];

  __device__ void fetch(Reader& reader) {
    reader.each([&](int i, const typename Reader::Chunk& from) {
      chunks[i] = from.inside ? *reinterpret_cast<const Chunk*>(from.address) : Chunk{};
    });
  }

  __device__ void store(float* tile) const {
#pragma unroll
    for (int i = 0; i < Reader::kPasses; ++i) {
      if (!Reader::has(i)) {
        continue;
      }
      float* to = tile + Reader::depth_of(i) * pitch + Reader::extent_of(i);
      if constexpr (Reader::kAlongTaps) {
        for (int lane = 0; lane < lanes; ++lane) {
          to[lane * pitch] = chunks[i].at[lane];
        }
      } else {
        *reinterpret_cast<Chunk*>(to) = chunks[i];
      }
    }
  }
};

// The sums of one thread.
template <class Tile>
struct SimtSums {
  float at[Tile::kThreadRows][Tile::kThreadColumns] = {};

  // The places of this thread's pieces in the tile.
  __device__ static int row_of(int piece) {
    constexpr int kApart = Tile::kRows / (Tile::kThreadRows / 4);
    return piece * kApart + int(threadIdx.x) / Tile::kThreadsAcross * 4;
  }
  __device__ static int column_of(int piece) {
    constexpr int kApart = Tile::kColumns / (Tile::kThreadColumns / 4);
    return piece * kApart + int(threadIdx.x) % Tile::kThreadsAcross * 4;
  }

  // sums += left^T right, left: [depth, rows], right: [depth, columns].
  __device__ void add_products(const float* left, const float* right) {
#pragma unroll
    for (int k = 0; k < Tile::kDepth; ++k) {
      Quad a[Tile::kThreadRows / 4];
      Quad b[Tile::kThreadColumns / 4];
#pragma unroll
      for (int piece = 0; piece < Tile::kThreadRows / 4; ++piece) {
        a[piece] = *reinterpret_cast<const Quad*>(left + k * Tile::kRowPitch + row_of(piece));
      }
#pragma unroll
      for (int piece = 0; piece < Tile::kThreadColumns / 4; ++piece) {
        b[piece] =
            *reinterpret_cast<const Quad*>(right + k * Tile::kColumnPitch + column_of(piece));
      }
#pragma unroll
      for (int i = 0; i < Tile::kThreadRows; ++i) {
#pragma unroll
        for (int j = 0; j < Tile::kThreadColumns; ++j) {
          at[i][j] = multiply_add(a[i / 4].at[i % 4], b[j / 4].at[j % 4], at[i][j]);
        }
      }
    }
  }

  __device__ void store(const TileOutput& output, std::int32_t row0, std::int32_t column0) const {
#pragma unroll
    for (int i = 0; i < Tile::kThreadRows; ++i) {
#pragma unroll
      for (int piece = 0; piece < Tile::kThreadColumns / 4; ++piece) {
        const float values[4] = {at[i][piece * 4], at[i][piece * 4 + 1], at[i][piece * 4 + 2],
                                 at[i][piece * 4 + 3]};
        output.store(row0 + row_of(i / 4) + i % 4, column0 + column_of(piece), values);
      }
    }
  }
};

// lanes: 4 where four neighbouring taps of both sources lie side by side at 16 bytes, else 1.
template <class Task, class Tile, int lanes>
__global__ void __launch_bounds__(Tile::kThreads, 512 / Tile::kThreads)
    convolution_simt_kernel(Task task, TileGrid grid) {
  const TileGrid::Place place = grid.place();
  const typename Task::Left left = task.left(place.group);
  const typename Task::Right right = task.right(place.group);
  const std::int32_t row0 = place.row_tile * Tile::kRows;
  const std::int32_t column0 = place.column_tile * Tile::kColumns;
  using LeftReader =
      TileReader<typename Task::Left, Task::kSum, Tile::kRows, Tile::kDepth, lanes, Tile::kThreads>;
  using RightReader = TileReader<typename Task::Right, Task::kSum, Tile::kColumns, Tile::kDepth,
                                 lanes, Tile::kThreads>;
  const SumRange range = task.range(place.split);
  LeftReader left_reader(left, row0, range.begin);
  RightReader right_reader(right, column0, range.begin);
  StagedChunks<LeftReader, lanes, Tile::kRowPitch> left_chunks;
  StagedChunks<RightReader, lanes, Tile::kColumnPitch> right_chunks;

  float* stages = dynamic_shared<float>();
  const auto left_tile = [&](int stage) { return stages + stage * Tile::kStageFloats; };
  const auto right_tile = [&](int stage) {
    return left_tile(stage) + Tile::kDepth * Tile::kRowPitch;
  };
  left_chunks.fetch(left_reader);
  right_chunks.fetch(right_reader);
  left_chunks.store(left_tile(0));
  right_chunks.store(right_tile(0));
  __syncthreads();

  SimtSums<Tile> sums;
  int stage = 0;
  for (std::int32_t begin = range.begin; begin < range.end; begin += Tile::kDepth) {
    const std::int32_t following = begin + Tile::kDepth;
    if (following < range.end) {
      left_chunks.fetch(left_reader);
      right_chunks.fetch(right_reader);
    }
    sums.add_products(left_tile(stage), right_tile(stage));
    if (following < range.end) {
      // Nobody reads the other stage: all have passed the barrier behind its products.
      stage ^= 1;
      left_chunks.store(left_tile(stage));
      right_chunks.store(right_tile(stage));
      __syncthreads();
    }
  }
  sums.store(task.output(place.group, place.split), row0, column0);
}

using SimtWide = SimtTile<128, 128, 8, 8, 8>;
using SimtNarrow = SimtTile<128, 64, 8, 8, 4>;
using SimtFlat = SimtTile<64, 128, 8, 4, 8>;
using SimtSmall = SimtTile<64, 32, 16, 4, 4>;

template <class Tile, int lanes, class Task>
void launch_simt(Context& context, const Task& task) {
  const TileGrid grid(task, Tile::kRows, Tile::kColumns);
  launch(context, grid.grid, Tile::kThreads, Tile::kSharedBytes,
         convolution_simt_kernel<Task, Tile, lanes>, task, grid);
}

// Narrow or flat, as suits the task.
template <class Middle, class Task>
void launch_simt(Context& context, const Task& task, ConvolutionTile tile, bool wide) {
  if (tile == ConvolutionTile::small) {
    wide ? launch_simt<SimtSmall, 4>(context, task) : launch_simt<SimtSmall, 1>(context, task);
  } else if (!wide) {
    // Single elements are what such a kernel waits for, whatever its tile.
    launch_simt<Middle, 1>(context, task);
  } else {
    tile == ConvolutionTile::wide ? launch_simt<SimtWide, 4>(context, task)
                                  : launch_simt<Middle, 4>(context, task);
  }
}

}  // namespace lrcn::cuda
