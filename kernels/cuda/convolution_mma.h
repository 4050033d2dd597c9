// Tiled convolution on tensor cores: tiles of the two sources pass through three stages of shared
// memory by asynchronous copies. While a stage is multiplied, the next one is rounded in place,
// unless it came as bf16, and the one behind it is on its way. Long because the operands of f32 and
// of bf16 share all that follows them.
#pragma once

#include <cstddef>

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
// [depth, extent], of elements as they lie in memory. After round(), tf32 has the place its f32
// had, and eight bf16 have the place of the first four f32 of the eight they come from.
template <class Reader, int extent, int depth, Precision precision, int threads>
struct MmaOperand {
  using Element = typename Reader::Element;
  static constexpr bool kAlongTaps = Reader::kAlongTaps;
  static constexpr int kLanes = Reader::kLanes;
  static constexpr bool kRounds = sizeof(Element) == sizeof(float);
  // Pitches that spread the rows of a fragment over the banks.
  static constexpr int kPad = !kRounds || (!kAlongTaps && precision == Precision::tf32) ? 8 : 4;
  static constexpr int kPitch = (kAlongTaps ? depth : extent) + kPad;
  static constexpr int kBytes = (kAlongTaps ? extent : depth) * kPitch * int(sizeof(Element));
  static_assert(kRounds || precision == Precision::bf16);

  struct alignas(16) Quad {
    float at[4];
  };
  struct alignas(16) Words {
    std::uint32_t at[4];
  };

  __device__ static int offset(int along_result, int along_sum) {
    return kAlongTaps ? along_result * kPitch + along_sum : along_sum * kPitch + along_result;
  }

  __device__ static void copy(Reader& reader, Element* tile) {
    reader.each([&](int i, const typename Reader::Chunk& from) {
      constexpr int kChunkBytes = int(sizeof(Element)) * kLanes;
      Element* to = tile + offset(Reader::extent_of(i), Reader::depth_of(i));
      if constexpr (kChunkBytes >= 4) {
        copy_async_or_zero<kChunkBytes>(to, from.address, from.inside ? kChunkBytes : 0);
      } else {
        *to = from.inside ? *from.address : Element{};
      }
    });
  }

  // Rounds the elements whose copies this thread, or for bf16 its warp, has waited for.
  __device__ static void round(Element* tile) {
    if constexpr (!kRounds) {
      return;
    } else if constexpr (precision == Precision::tf32) {
#pragma unroll
      for (int i = 0; i < Reader::kPasses; ++i) {
        if (Reader::has(i)) {
          float* own = tile + offset(Reader::extent_of(i), Reader::depth_of(i));
#pragma unroll
          for (int lane = 0; lane < kLanes; ++lane) {
            own[lane] = std::bit_cast<float>(tf32_of(own[lane]));
          }
        }
      }
    } else if constexpr (kLanes == 1) {
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
      const int first = int(threadIdx.x) - lane + lane % 16 * 2;
#pragma unroll
      for (int pass = 0; pass < Reader::kPasses; pass += 2) {
        const int i = pass + lane / 16;
        round_eight(tile +
                    offset(Reader::extent_of_chunk(first, i), Reader::depth_of_chunk(first, i)));
      }
    }
  }

  // The fragment of 16 results and a step of the sums, for the right side two fragments of 8.
  template <Side side>
  __device__ static Fragment<std::uint32_t, 4> fragment(const Element* tile, int along_result,
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
  __device__ void add_products(const typename Left::Element* left,
                               const typename Right::Element* right) {
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

  // Of rows that are pixels of windows. Of two neighbours across, the lanes above finish the left
  // one and those below the right one.
  __device__ void store_maxima(const MaximumOutput& output, std::int32_t row,
                               std::int32_t column) const {
    using Windows = PoolingWindows;
    static_assert(kAcross % 2 == 0 && Windows::kRows == 16 && Windows::kOfRows == 4);
    const int lane = int(threadIdx.x) % 32;
    const bool below = lane / 4 % 2 != 0;
    const auto pixel = std::uint16_t(below ? 2 : 0);
    const std::int32_t window = (row + row0()) / 16 * 4 + lane / 8;
    column += column0() + lane % 4 * 2;
#pragma unroll
    for (int i = 0; i < kDown; ++i) {
#pragma unroll
      for (int j = 0; j < kAcross; j += 2) {
        const auto of_row = [&](int across) {
          const Sums& sums = at[i][j + across];
          return output.of_row(column + 8 * (j + across), {sums.at[0], sums.at[1]},
                               {sums.at[2], sums.at[3]}, pixel);
        };
        const WindowMaxima left = of_row(0);
        const WindowMaxima right = of_row(1);
        const WindowMaxima own = choose(below, right, left);
        const WindowMaxima other = shuffle_xor(choose(below, left, right), 4);
        WindowMaxima maxima = choose(below, other, own);
        maxima.add(choose(below, own, other));
        output.store(window + 4 * i, column + 8 * (j + (below ? 1 : 0)), maxima);
      }
    }
  }
};

template <class Task, class Tile, Precision precision, bool wide>
struct MmaTypes {
  template <class Source>
  static constexpr int kMostLanes = 16 / int(sizeof(typename Source::Element));
  // Single elements of f32 beside those that are bf16 in memory: a picture, whose neighbouring taps
  // lie apart.
  static constexpr bool kMixed =
      sizeof(typename Task::Left::Element) != sizeof(typename Task::Right::Element);
  static constexpr int kLeftLanes = wide ? kMostLanes<typename Task::Left> : 1;
  static constexpr int kRightLanes = wide && !kMixed ? kMostLanes<typename Task::Right> : 1;

  using LeftReader = TileReader<typename Task::Left, Task::kSum, Tile::kRows, Tile::kDepth,
                                kLeftLanes, Tile::kThreads>;
  using RightReader = TileReader<typename Task::Right, Task::kSum, Tile::kColumns, Tile::kDepth,
                                 kRightLanes, Tile::kThreads>;
  using Left = MmaOperand<LeftReader, Tile::kRows, Tile::kDepth, precision, Tile::kThreads>;
  using Right = MmaOperand<RightReader, Tile::kColumns, Tile::kDepth, precision, Tile::kThreads>;
  static constexpr int kStageBytes = Left::kBytes + Right::kBytes;
  // Blocks of a multiprocessor that registers are kept for. Beside 128 x 128 sums there are too few
  // of them for two blocks that round f32 to bf16, or that also walk over the rows of both sources.
  static constexpr bool kCrowded = Left::kRounds && Tile::kRows * Tile::kColumns == 128 * 128 &&
                                   (precision == Precision::bf16 || Task::kSum == Sum::along_rows);
  static constexpr int kResident = kCrowded ? 1 : 2;
  static constexpr std::size_t kStagesBytes = Tile::kStages * kStageBytes;
  static constexpr std::size_t kSharedBytes = kStagesBytes + sizeof(TileGrid::Place);
};

template <class Task, class Tile, Precision precision, bool wide>
__global__ void __launch_bounds__(Tile::kThreads,  // two: else ptxas spills for a third block
                                  (MmaTypes<Task, Tile, precision, wide>::kResident))
    convolution_mma_kernel(Task task, TileGrid grid) {
  using Types = MmaTypes<Task, Tile, precision, wide>;
  using Left = typename Types::Left;
  using Right = typename Types::Right;
  auto* stages = dynamic_shared<std::byte>();
  // For behind the loop, which leaves no registers to keep it in.
  auto* kept = reinterpret_cast<TileGrid::Place*>(stages + Types::kStagesBytes);
  const TileGrid::Place here = grid.place();
  if (threadIdx.x == 0) {
    *kept = here;
  }
  const typename Task::Left left = task.left(here.group);
  const typename Task::Right right = task.right(here.group);
  const SumRange range = task.range(here.split);
  typename Types::LeftReader left_reader(left, here.row_tile * Tile::kRows, range.begin);
  typename Types::RightReader right_reader(right, here.column_tile * Tile::kColumns, range.begin);

  const auto left_tile = [&](std::int32_t stage) {
    return reinterpret_cast<typename Left::Element*>(stages + stage);
  };
  const auto right_tile = [&](std::int32_t stage) {
    return reinterpret_cast<typename Right::Element*>(stages + stage + Left::kBytes);
  };
  const std::int32_t steps = (range.end - range.begin + Tile::kDepth - 1) / Tile::kDepth;
  const auto copy = [&](std::int32_t step, std::int32_t stage) {
    if (step < steps) {
      Left::copy(left_reader, left_tile(stage));
      Right::copy(right_reader, right_tile(stage));
    }
    commit_copies();
  };
  // The last barrier of round() is the one behind it.
  const auto round = [&](std::int32_t step, std::int32_t stage) {
    wait_for_copies<1>();
    if (step < steps) {
      Left::round(left_tile(stage));
      Right::round(right_tile(stage));
    }
    __syncthreads();
  };

  MmaSums<Tile, precision> sums;
  const auto behind = [](std::int32_t stage) {
    constexpr std::int32_t kLast = (Tile::kStages - 1) * Types::kStageBytes;
    return stage == kLast ? 0 : stage + Types::kStageBytes;
  };
  std::int32_t stage = 0;  // where the tiles of this step begin
  copy(0, stage);
  copy(1, behind(stage));
  round(0, stage);
  for (std::int32_t step = 0; step < steps; ++step) {
    const std::int32_t next = behind(stage);
    // Its stage is that of the step before: all have passed the barrier behind those products.
    copy(step + 2, behind(next));
    sums.template add_products<Left, Right>(left_tile(stage), right_tile(stage));
    round(step + 1, next);
    stage = next;
  }
  const TileGrid::Place place = *kept;
  const std::int32_t row0 = place.row_tile * Tile::kRows;
  const std::int32_t column0 = place.column_tile * Tile::kColumns;
  if constexpr (requires { task.maxima(place.group); }) {
    if (task.windows.count > 0) {
      sums.store_maxima(task.maxima(place.group), row0, column0);
      return;
    }
  }
  sums.store(task.output(place.group, place.split), row0, column0);
}

using MmaWide = MmaTile<128, 128, 2, 4>;
using MmaNarrow = MmaTile<128, 64, 4, 2>;
using MmaFlat = MmaTile<64, 128, 2, 4>;
using MmaSmall = MmaTile<64, 32, 2, 2>;

template <class Tile, Precision precision, bool wide, class Task>
void launch_mma(Context& context, const Task& task) {
  const TileGrid grid(task, Tile::kRows, Tile::kColumns);
  launch(context, grid.grid, Tile::kThreads, MmaTypes<Task, Tile, precision, wide>::kSharedBytes,
         convolution_mma_kernel<Task, Tile, precision, wide>, task, grid);
}

// Narrow or flat, as suits the task.
template <class Middle, Precision precision, class Task>
void launch_mma(Context& context, const Task& task, ConvolutionTile tile, bool wide) {
  // Single elements are what such a kernel waits for, whatever its tile.
  constexpr bool kMixed = MmaTypes<Task, Middle, precision, false>::kMixed;
  if (tile == ConvolutionTile::small) {
    wide ? launch_mma<MmaSmall, precision, true>(context, task)
         : launch_mma<MmaSmall, precision, false>(context, task);
  } else if (!wide) {
    launch_mma<Middle, precision, false>(context, task);
  } else if constexpr (kMixed) {
    launch_mma<Middle, precision, true>(context, task);
  } else {
    tile == ConvolutionTile::wide ? launch_mma<MmaWide, precision, true>(context, task)
                                  : launch_mma<Middle, precision, true>(context, task);
  }
}

}  // namespace lrcn::cuda
