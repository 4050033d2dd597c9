// Matrix products on tensor cores by mma.sync, with factors rounded to bf16 or tf32: a block
// computes a square tile of c, and copies of the next tiles of a and b are under way while it
// multiplies. Tiles lie in shared memory as f32, the way they lie in memory, and are rounded on
// their way into registers.
#pragma once

#include "core/precision.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/matmul_parts.h"
#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {

inline constexpr int kMmaDepth = 16;  // terms of a tile
inline constexpr int kMmaStages = 4;  // tiles in shared memory

// One operand as [extent, terms]; `aligned`: all rows are at multiples of 16 bytes.
struct MmaOperand {
  const float* data;
  std::int64_t extent;
  std::int64_t terms;
  bool aligned;
};

// How many warps a tile has, along m and along n, and what each of them computes.
template <int kExtent>
struct MmaWarps {
  static constexpr int kAlongM = 2;
  static constexpr int kAlongN = kExtent == 128 ? 4 : 2;
  static constexpr int kThreads = kAlongM * kAlongN * int(kWarpSize);
  static constexpr int kTilesM = kExtent / kAlongM / 16;
  static constexpr int kTilesN = kExtent / kAlongN / 8;
};

// A tile of one operand in shared memory. Strides are such that the lanes that read a fragment meet
// in no bank. `kAlongTerms`: neighbours in memory are neighbouring terms.
template <Precision kPrecision, int kExtent, bool kAlongTerms>
struct MmaTile {
  static constexpr bool kBf16 = kPrecision == Precision::bf16;
  static constexpr int kStride =
      kAlongTerms ? kMmaDepth + (kBf16 ? 8 : 4) : kExtent + (kBf16 ? 4 : 8);
  static constexpr int kFloats = kStride * (kAlongTerms ? kExtent : kMmaDepth);
  static constexpr int kThreads = MmaWarps<kExtent>::kThreads;

  __device__ static int offset(int e, int l) {
    return kAlongTerms ? e * kStride + l : l * kStride + e;
  }

  // The part of this thread in copying `kFloatsEach` floats at a time; zeros beyond the matrix and
  // from term `end` on.
  template <int kFloatsEach>
  __device__ static void copy_parts(float* tile, const MmaOperand& from, std::int64_t first_row,
                                    std::int64_t first_term, std::int64_t end) {
    constexpr int kLine = (kAlongTerms ? kMmaDepth : kExtent) / kFloatsEach;
    constexpr int kParts = kExtent * kMmaDepth / kFloatsEach / kThreads;
    // One by one is the way of odd sizes: not worth the registers for many addresses.
    [[maybe_unused]] constexpr int kUnrolled = kFloatsEach == 1 ? 1 : kParts;
#pragma unroll kUnrolled
    for (int i = 0; i < kParts; ++i) {
      const int part = i * kThreads + int(threadIdx.x);
      const int e = kAlongTerms ? part / kLine : part % kLine * kFloatsEach;
      const int l = kAlongTerms ? part % kLine * kFloatsEach : part / kLine;
      const std::int64_t rows = from.extent - (first_row + e);
      const std::int64_t terms = end - (first_term + l);
      const std::int64_t along = kAlongTerms ? terms : rows;
      const std::int64_t across = kAlongTerms ? rows : terms;
      const int present = across <= 0 || along <= 0 ? 0
                          : along < kFloatsEach     ? int(along)
                                                    : kFloatsEach;
      const std::int64_t at = kAlongTerms ? (first_row + e) * from.terms + first_term + l
                                          : (first_term + l) * from.extent + first_row + e;
      copy_async_or_zero<4 * kFloatsEach>(tile + offset(e, l), from.data + (present > 0 ? at : 0),
                                          4 * present);
    }
  }
  __device__ static void copy(float* tile, const MmaOperand& from, std::int64_t first_row,
                              std::int64_t first_term, std::int64_t end) {
    if (from.aligned) {
      copy_parts<4>(tile, from, first_row, first_term, end);
    } else {
      copy_parts<1>(tile, from, first_row, first_term, end);
    }
  }

  // What one register holds: in bf16 terms l and l+1 (l even), in tf32 term l.
  __device__ static std::uint32_t rounded(const float* tile, int e, int l) {
    if constexpr (!kBf16) {
      return tf32_of(tile[offset(e, l)]);
    } else if constexpr (kAlongTerms) {
      const float2 pair = *reinterpret_cast<const float2*>(tile + offset(e, l));
      return bf16_pair_of(pair.x, pair.y);
    } else {
      return bf16_pair_of(tile[offset(e, l)], tile[offset(e, l + 1)]);
    }
  }
};

// Fragments as in kernels/cuda/ptx/matrix.h, for terms l .. l+15 in bf16 and l .. l+7 in tf32: in
// both, the other half of the terms follows after 4 lanes' worth of registers.
template <Precision kPrecision>
inline constexpr int kMmaTerms = kPrecision == Precision::bf16 ? 16 : 8;

template <class Tile, Precision kPrecision>
__device__ Fragment<std::uint32_t, 4> fragment_a(const float* tile, int row, int l) {
  const int lane = int(threadIdx.x % kWarpSize);
  const int e = row + lane / 4;
  const int first = l + lane % 4 * (kMmaTerms<kPrecision> / 8);
  const int second = first + kMmaTerms<kPrecision> / 2;
  return {{Tile::rounded(tile, e, first), Tile::rounded(tile, e + 8, first),
           Tile::rounded(tile, e, second), Tile::rounded(tile, e + 8, second)}};
}

template <class Tile, Precision kPrecision>
__device__ Fragment<std::uint32_t, 2> fragment_b(const float* tile, int column, int l) {
  const int lane = int(threadIdx.x % kWarpSize);
  const int first = l + lane % 4 * (kMmaTerms<kPrecision> / 8);
  return {{Tile::rounded(tile, column + lane / 4, first),
           Tile::rounded(tile, column + lane / 4, first + kMmaTerms<kPrecision> / 2)}};
}

template <Precision kPrecision, int kExtent, bool kTransposeA, bool kTransposeB>
__global__ void __launch_bounds__(MmaWarps<kExtent>::kThreads)
    matmul_mma_kernel(MmaOperand a, MmaOperand b, TermSplit split, MatmulOutput output) {
  using Warps = MmaWarps<kExtent>;
  using TileA = MmaTile<kPrecision, kExtent, !kTransposeA>;
  using TileB = MmaTile<kPrecision, kExtent, kTransposeB>;
  constexpr int kStage = TileA::kFloats + TileB::kFloats;
  auto* stages = dynamic_shared<float>();  // [kMmaStages, tile of a and tile of b]
  const std::int64_t row = std::int64_t(blockIdx.x) * kExtent;
  const std::int64_t column = std::int64_t(blockIdx.y) * kExtent;
  const std::int64_t begin = blockIdx.z * split.depth;
  const std::int64_t end = begin + split.depth < a.terms ? begin + split.depth : a.terms;
  const int steps = int((end - begin + kMmaDepth - 1) / kMmaDepth);
  const int warp = int(threadIdx.x / kWarpSize);
  const int warp_row = warp / Warps::kAlongN * 16 * Warps::kTilesM;
  const int warp_column = warp % Warps::kAlongN * 8 * Warps::kTilesN;

  // A group of copies for each step, also for those beyond the last one.
  const auto copy_step = [&](int step) {
    if (step < steps) {
      float* stage = stages + step % kMmaStages * kStage;
      const std::int64_t term = begin + std::int64_t(step) * kMmaDepth;
      TileA::copy(stage, a, row, term, end);
      TileB::copy(stage + TileA::kFloats, b, column, term, end);
    }
    commit_copies();
  };
  for (int step = 0; step < kMmaStages - 1; ++step) {
    copy_step(step);
  }
  Sums sums[Warps::kTilesM][Warps::kTilesN] = {};
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<kMmaStages - 2>();
    __syncthreads();  // the copies of all are there, and all have done with the step before
    copy_step(step + kMmaStages - 1);
    const float* tile_a = stages + step % kMmaStages * kStage;
    const float* tile_b = tile_a + TileA::kFloats;
#pragma unroll
    for (int l = 0; l < kMmaDepth; l += kMmaTerms<kPrecision>) {
      Fragment<std::uint32_t, 2> y[Warps::kTilesN];
#pragma unroll
      for (int j = 0; j < Warps::kTilesN; ++j) {
        y[j] = fragment_b<TileB, kPrecision>(tile_b, warp_column + 8 * j, l);
      }
#pragma unroll
      for (int i = 0; i < Warps::kTilesM; ++i) {
        const auto x = fragment_a<TileA, kPrecision>(tile_a, warp_row + 16 * i, l);
#pragma unroll
        for (int j = 0; j < Warps::kTilesN; ++j) {
          if constexpr (kPrecision == Precision::bf16) {
            mma_m16n8k16_bf16(sums[i][j], x, y[j]);
          } else {
            mma_m16n8k8_tf32(sums[i][j], x, y[j]);
          }
        }
      }
    }
  }
  const int lane = int(threadIdx.x % kWarpSize);
#pragma unroll
  for (int i = 0; i < Warps::kTilesM; ++i) {
#pragma unroll
    for (int j = 0; j < Warps::kTilesN; ++j) {
#pragma unroll
      for (int r = 0; r < 4; ++r) {
        output.store(row + warp_row + 16 * i + lane / 4 + r / 2 * 8,
                     column + warp_column + 8 * j + lane % 4 * 2 + r % 2, blockIdx.z,
                     sums[i][j].at[r]);
      }
    }
  }
}

template <Precision kPrecision, int kExtent, bool kTransposeA, bool kTransposeB>
void launch_mma_tiles(Context& context, const MatmulCall& call) {
  const MatmulOutput& output = call.output;
  const auto tiles = [](std::int64_t extent) { return unsigned((extent + kExtent - 1) / kExtent); };
  const auto operand = [&](const float* data, std::int64_t extent, bool along_terms) {
    const bool aligned = (along_terms ? call.k : extent) % 4 == 0 &&
                         reinterpret_cast<std::uintptr_t>(data) % 16 == 0;
    return MmaOperand{data, extent, call.k, aligned};
  };
  constexpr std::size_t kShared = sizeof(float) * kMmaStages *
                                  (MmaTile<kPrecision, kExtent, !kTransposeA>::kFloats +
                                   MmaTile<kPrecision, kExtent, kTransposeB>::kFloats);
  launch(context, dim3(tiles(output.m), tiles(output.n), call.split.count),
         MmaWarps<kExtent>::kThreads, kShared,
         matmul_mma_kernel<kPrecision, kExtent, kTransposeA, kTransposeB>,
         operand(call.a, output.m, !kTransposeA), operand(call.b, output.n, kTransposeB),
         call.split, output);
}

template <Precision kPrecision, int kExtent>
void launch_mma_tiles(Context& context, const MatmulCall& call) {
  if (call.transpose_a) {
    call.transpose_b ? launch_mma_tiles<kPrecision, kExtent, true, true>(context, call)
                     : launch_mma_tiles<kPrecision, kExtent, true, false>(context, call);
  } else {
    call.transpose_b ? launch_mma_tiles<kPrecision, kExtent, false, true>(context, call)
                     : launch_mma_tiles<kPrecision, kExtent, false, false>(context, call);
  }
}

template <Precision kPrecision>
void launch_mma(Context& context, MatmulTile tile, const MatmulCall& call) {
  tile == MatmulTile::large ? launch_mma_tiles<kPrecision, 128>(context, call)
                            : launch_mma_tiles<kPrecision, 64>(context, call);
}

}  // namespace lrcn::cuda
