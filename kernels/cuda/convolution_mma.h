// Tiled convolution on tensor cores: tiles of the two sources pass through three stages of shared
// memory by asynchronous copies. While a stage is multiplied, the next one is rounded in place and
// the one behind it is on its way.
#pragma once

#include "core/precision.h"
#include "kernels/cuda/convolution_methods.h"
#include "kernels/cuda/convolution_tiles.h"
#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {

// rows x columns results a block, divided among warps_down x warps_across warps.
template <int rows, int columns, int warps_down, int warps_across>
struct MmaTile {
  static constexpr int kRows = rows;
  static constexpr int kColumns = columns;
  static constexpr int kDepth = 32;
  static constexpr int kStages = 3;
  static constexpr int kWarpsAcross = warps_across;
  static constexpr int kThreads = 32 * warps_down * warps_across;
  static constexpr int kWarpRows = rows / warps_down;
  static constexpr int kWarpColumns = columns / warps_across;
  static_assert(kWarpRows % 16 == 0 && kWarpColumns % 16 == 0);
};

// Which bit of a matrix's number (ptx/matrix.h) goes along the result and which along the sum.
enum class Side : std::uint8_t { left, right };

// Tiles of one source in shared memory: [extent, depth] where the sums run along the taps, else
// [depth, extent]. After round(), tf32 has the place its f32 had, and eight bf16 have the place of
// the first four f32 of the eight they come from.
template <class Reader, int extent, int depth, Precision precision, int lanes, int threads>
struct MmaOperand {
  static constexpr bool kAlongTaps = Reader::kAlongTaps;
  // Pitches that spread the rows of a fragment over the banks.
  static constexpr int kPad = !kAlongTaps && precision == Precision::tf32 ? 8 : 4;
  static constexpr int kPitch = (kAlongTaps ? depth : extent) + kPad;
  static constexpr int kFloats = (kAlongTaps ? extent : depth) * kPitch;

  struct alignas(16) Quad {
    float at[4];
  };
  struct alignas(16) Words {
    std::uint32_t at[4];
  };

  __device__ static int offset(int along_result, int along_sum) {
    return kAlongTaps ? along_result * kPitch + along_sum : along_sum * kPitch + along_result;
  }

  __device__ static void copy(const Reader& reader, std::int32_t begin, float* tile) {
    reader.each(begin, [&](int i, const float* from) {
      constexpr int kBytes = int(sizeof(float)) * lanes;
      float* to = tile + offset(Reader::extent_of(i), Reader::depth_of(i));
      copy_async_or_zero<kBytes>(to, from != nullptr ? from : reader.somewhere(),
                                 from != nullptr ? kBytes : 0);
    });
  }

  // Rounds the elements whose copies this thread, or for bf16 its warp, has waited for.
  __device__ static void round(float* tile) {
    if constexpr (precision == Precision::tf32) {
#pragma unroll
      for (int i = 0; i < Reader::kPasses; ++i) {
        if (Reader::has(i)) {
          float* own = tile + offset(Reader::extent_of(i), Reader::depth_of(i));
#pragma unroll
          for (int lane = 0; lane < lanes; ++lane) {
            own[lane] = std::bit_cast<float>(tf32_of(own[lane]));
          }
        }
      }
    } else if constexpr (lanes == 1) {
      // Eight neighbours come from different warps.
      __syncthreads();
      constexpr int kAcross = (kAlongTaps ? depth : extent) / 8;
      constexpr int kGroups = extent * depth / 8;
      for (int group = int(threadIdx.x); group < kGroups; group += threads) {
        round_eight(tile + group / kAcross * kPitch + group % kAcross * 8);
      }
    } else {
      // Two passes of a warp are 64 chunks of four: a pair for every lane, half of them of the
      // second pass.
      static_assert(Reader::kChunks % (2 * threads) == 0);
      __syncwarp();
      const int lane = int(threadIdx.x) % 32;
      const int first = int(threadIdx.x) - lane + lane / 16 * threads + lane % 16 * 2;
#pragma unroll
      for (int pass = 0; pass < Reader::kPasses; pass += 2) {
        const int chunk = first + pass * threads;
        round_eight(tile + offset(Reader::extent_of_chunk(chunk), Reader::depth_of_chunk(chunk)));
      }
    }
  }

  // The fragment of 16 results and a step of the sums, for the right side two fragments of 8.
  template <Side side>
  __device__ static Fragment<std::uint32_t, 4> fragment(const float* tile, int along_result,
                                                        int along_sum) {
    constexpr bool kLeft = side == Side::left;
    const int lane = int(threadIdx.x) % 32;
    if constexpr (kAlongTaps || precision == Precision::bf16) {
      const int matrix = lane / 8;
      const int result = along_result + (kLeft ? matrix % 2 : matrix / 2) * 8;
      const int sum =
          along_sum + (kLeft ? matrix / 2 : matrix % 2) * (precision == Precision::tf32 ? 4 : 8);
      if constexpr (kAlongTaps) {
        return load_matrices<4>(tile + offset(result + lane % 8, sum));
      } else {
        return load_matrices_transposed<4>(tile + offset(result, sum + lane % 8));
      }
    } else {
      Fragment<std::uint32_t, 4> words;
#pragma unroll
      for (int matrix = 0; matrix < 4; ++matrix) {
        const int result = along_result + (kLeft ? matrix % 2 : matrix / 2) * 8 + lane / 4;
        const int sum = along_sum + (kLeft ? matrix / 2 : matrix % 2) * 4 + lane % 4;
        words.at[matrix] = std::bit_cast<std::uint32_t>(tile[offset(result, sum)]);
      }
      return words;
    }
  }

 private:
  __device__ static void round_eight(float* eight) {
    const Quad low = *reinterpret_cast<const Quad*>(eight);
    const Quad high = *reinterpret_cast<const Quad*>(eight + 4);
    *reinterpret_cast<Words*>(eight) = {
        {bf16_pair_of(low.at[0], low.at[1]), bf16_pair_of(low.at[2], low.at[3]),
         bf16_pair_of(high.at[0], high.at[1]), bf16_pair_of(high.at[2], high.at[3])}};
  }
};

// The sums of one warp.
template <class Tile, Precision precision>
struct MmaSums {
  static constexpr int kDown = Tile::kWarpRows / 16;
  static constexpr int kAcross = Tile::kWarpColumns / 8;
  static constexpr int kStep = precision == Precision::bf16 ? 16 : 8;

  Sums at[kDown][kAcross] = {};

  __device__ static int row0() {
    return int(threadIdx.x) / 32 / Tile::kWarpsAcross * Tile::kWarpRows;
  }
  __device__ static int column0() {
    return int(threadIdx.x) / 32 % Tile::kWarpsAcross * Tile::kWarpColumns;
  }

  template <class Left, class Right>
  __device__ void add_products(const float* left, const float* right) {
#pragma unroll
    for (int k = 0; k < Tile::kDepth; k += kStep) {
      Fragment<std::uint32_t, 4> a[kDown];
      Fragment<std::uint32_t, 4> b[kAcross / 2];
#pragma unroll
      for (int i = 0; i < kDown; ++i) {
        a[i] = Left::template fragment<Side::left>(left, row0() + 16 * i, k);
      }
#pragma unroll
      for (int j = 0; j < kAcross / 2; ++j) {
        b[j] = Right::template fragment<Side::right>(right, column0() + 16 * j, k);
      }
#pragma unroll
      for (int i = 0; i < kDown; ++i) {
#pragma unroll
        for (int j = 0; j < kAcross; ++j) {
          const std::uint32_t* half = b[j / 2].at + j % 2 * 2;
          const Fragment<std::uint32_t, 2> column{{half[0], half[1]}};
          if constexpr (precision == Precision::bf16) {
            mma_m16n8k16_bf16(at[i][j], a[i], column);
          } else {
            mma_m16n8k8_tf32(at[i][j], a[i], column);
          }
        }
      }
    }
  }

  __device__ void store(const TileOutput& output, std::int32_t row, std::int32_t column) const {
    const int lane = int(threadIdx.x) % 32;
    row += row0() + lane / 4;
    column += column0() + lane % 4 * 2;
#pragma unroll
    for (int i = 0; i < kDown; ++i) {
#pragma unroll
      for (int j = 0; j < kAcross; ++j) {
        const float upper[2] = {at[i][j].at[0], at[i][j].at[1]};
        const float lower[2] = {at[i][j].at[2], at[i][j].at[3]};
        output.store(row + 16 * i, column + 8 * j, upper);
        output.store(row + 16 * i + 8, column + 8 * j, lower);
      }
    }
  }
};

template <class Task, class Tile, Precision precision, int lanes>
struct MmaTypes {
  template <class Source, int extent>
  using ReaderOf = TileReader<Source, Task::kSum, extent, Tile::kDepth, lanes, Tile::kThreads>;
  template <class Reader, int extent>
  using OperandOf = MmaOperand<Reader, extent, Tile::kDepth, precision, lanes, Tile::kThreads>;

  using LeftReader = ReaderOf<typename Task::Left, Tile::kRows>;
  using RightReader = ReaderOf<typename Task::Right, Tile::kColumns>;
  using Left = OperandOf<LeftReader, Tile::kRows>;
  using Right = OperandOf<RightReader, Tile::kColumns>;
  static constexpr int kStageFloats = Left::kFloats + Right::kFloats;
  static constexpr std::size_t kSharedBytes = Tile::kStages * kStageFloats * sizeof(float);
};

template <class Task, class Tile, Precision precision, int lanes>
__global__ void __launch_bounds__(Tile::kThreads, 2)  // else ptxas spills for a third block
    convolution_mma_kernel(Task task, TileGrid grid) {
  using Types = MmaTypes<Task, Tile, precision, lanes>;
  using Left = typename Types::Left;
  using Right = typename Types::Right;
  const TileGrid::Place place = grid.place();
  const typename Task::Left left = task.left(place.group);
  const typename Task::Right right = task.right(place.group);
  const std::int32_t row0 = place.row_tile * Tile::kRows;
  const std::int32_t column0 = place.column_tile * Tile::kColumns;
  const typename Types::LeftReader left_reader(left, row0);
  const typename Types::RightReader right_reader(right, column0);
  const SumRange range = task.range(place.split);
  const std::int32_t steps = (range.end - range.begin + Tile::kDepth - 1) / Tile::kDepth;

  float* stages = dynamic_shared<float>();
  const auto left_tile = [&](std::int32_t step) {
    return stages + step % Tile::kStages * Types::kStageFloats;
  };
  const auto right_tile = [&](std::int32_t step) { return left_tile(step) + Left::kFloats; };
  const auto copy = [&](std::int32_t step) {
    if (step < steps) {
      const std::int32_t begin = range.begin + step * Tile::kDepth;
      Left::copy(left_reader, begin, left_tile(step));
      Right::copy(right_reader, begin, right_tile(step));
    }
    commit_copies();
  };
  // The last barrier of round() is the one behind it.
  const auto round = [&](std::int32_t step) {
    wait_for_copies<1>();
    if (step < steps) {
      Left::round(left_tile(step));
      Right::round(right_tile(step));
    }
    __syncthreads();
  };

  MmaSums<Tile, precision> sums;
  copy(0);
  copy(1);
  round(0);
  for (std::int32_t step = 0; step < steps; ++step) {
    // Its stage is that of the step before: all have passed the barrier behind those products.
    copy(step + 2);
    sums.template add_products<Left, Right>(left_tile(step), right_tile(step));
    round(step + 1);
  }
  sums.store(task.output(place.group, place.split), row0, column0);
}

using MmaWide = MmaTile<128, 128, 2, 4>;
using MmaNarrow = MmaTile<128, 64, 4, 2>;
using MmaFlat = MmaTile<64, 128, 2, 4>;
using MmaSmall = MmaTile<64, 32, 2, 2>;

template <class Tile, Precision precision, int lanes, class Task>
void launch_mma(Context& context, const Task& task) {
  const TileGrid grid(task, Tile::kRows, Tile::kColumns);
  launch(context, grid.grid, Tile::kThreads, MmaTypes<Task, Tile, precision, lanes>::kSharedBytes,
         convolution_mma_kernel<Task, Tile, precision, lanes>, task, grid);
}

// Narrow or flat, as suits the task.
template <class Middle, Precision precision, class Task>
void launch_mma(Context& context, const Task& task, ConvolutionTile tile, int lanes) {
  if (tile == ConvolutionTile::small) {
    lanes == 4 ? launch_mma<MmaSmall, precision, 4>(context, task)
               : launch_mma<MmaSmall, precision, 1>(context, task);
  } else if (lanes == 1) {
    // Single elements are what such a kernel waits for, whatever its tile.
    launch_mma<Middle, precision, 1>(context, task);
  } else {
    tile == ConvolutionTile::wide ? launch_mma<MmaWide, precision, 4>(context, task)
                                  : launch_mma<Middle, precision, 4>(context, task);
  }
}

}  // namespace lrcn::cuda
