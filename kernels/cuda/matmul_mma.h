// Matrix products on tensor cores by mma.sync, with factors that are bf16 in memory or are rounded
// to bf16 or tf32: a block computes a square tile of c, and copies of the next tiles of a and b are
// under way while it multiplies.
#pragma once

#include <algorithm>
#include <limits>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/matmul_mma_tiles.h"

namespace lrcn::cuda {

inline constexpr int kMmaStages = 4;  // tiles in shared memory

template <class Element, Precision kPrecision, int kExtent, bool kTransposeA, bool kTransposeB,
          MmaCopies kCopies>
__global__ void __launch_bounds__(MmaWarps<kExtent>::kThreads)
    matmul_mma_kernel(MmaOperand<Element> a, MmaOperand<Element> b, TermSplit split,
                      MatmulOutput output) {
  using Warps = MmaWarps<kExtent>;
  using TileA = MmaTile<Element, kPrecision, kExtent, !kTransposeA>;
  using TileB = MmaTile<Element, kPrecision, kExtent, kTransposeB>;
  constexpr int kDepth = TileA::kDepth;
  constexpr int kStage = TileA::kElements + TileB::kElements;
  auto* stages = dynamic_shared<Element>();  // [kMmaStages, tile of a and tile of b]
  const std::int64_t row = std::int64_t(blockIdx.x) * kExtent;
  const std::int64_t column = std::int64_t(blockIdx.y) * kExtent;
  if (row >= output.rows() || split.lacks(blockIdx.z, a.terms)) {
    return;
  }
  const std::int64_t begin = split.begin(blockIdx.z);
  const std::int64_t end = split.end(blockIdx.z, a.terms);
  const int steps = int((end - begin + kDepth - 1) / kDepth);
  const int warp = int(threadIdx.x / kWarpSize);
  const int warp_row = warp / Warps::kAlongN * 16 * Warps::kTilesM;
  const int warp_column = warp % Warps::kAlongN * 8 * Warps::kTilesN;

  const auto lines_a = TileA::lines(a, row, begin, end);
  const auto lines_b = TileB::lines(b, column, begin, end);
  // A group of copies for each step, also for those beyond the last one.
  const auto copy_step = [&](int step) {
    if (step < steps) {
      Element* stage = stages + step % kMmaStages * kStage;
      TileA::template copy<kCopies>(stage, a, lines_a, step * kDepth);
      TileB::template copy<kCopies>(stage + TileA::kElements, b, lines_b, step * kDepth);
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
    const Element* tile_a = stages + step % kMmaStages * kStage;
    const Element* tile_b = tile_a + TileA::kElements;
#pragma unroll
    for (int l = 0; l < kDepth; l += kMmaTerms<kPrecision>) {
      Fragment<std::uint32_t, 4> y[Warps::kTilesN / 2];
#pragma unroll
      for (int j = 0; j < Warps::kTilesN / 2; ++j) {
        y[j] = TileB::right(tile_b, warp_column + 16 * j, l);
      }
#pragma unroll
      for (int i = 0; i < Warps::kTilesM; ++i) {
        const auto x = TileA::left(tile_a, warp_row + 16 * i, l);
#pragma unroll
        for (int j = 0; j < Warps::kTilesN; ++j) {
          const std::uint32_t* half = y[j / 2].at + j % 2 * 2;
          const Fragment<std::uint32_t, 2> columns{{half[0], half[1]}};
          if constexpr (kPrecision == Precision::bf16) {
            mma_m16n8k16_bf16(sums[i][j], x, columns);
          } else {
            mma_m16n8k8_tf32(sums[i][j], x, columns);
          }
        }
      }
    }
  }
  output.m = output.rows();  // asked for again, so that no register holds it meanwhile
  const int lane = int(threadIdx.x % kWarpSize);
#pragma unroll
  for (int i = 0; i < Warps::kTilesM; ++i) {
#pragma unroll
    for (int j = 0; j < Warps::kTilesN; ++j) {
      const std::int64_t c_row = row + warp_row + 16 * i + lane / 4;
      const std::int64_t c_column = column + warp_column + 8 * j + lane % 4 * 2;
      const float* sum = sums[i][j].at;
      output.store_two(c_row, c_column, blockIdx.z, sum[0], sum[1]);
      output.store_two(c_row + 8, c_column, blockIdx.z, sum[2], sum[3]);
    }
  }
}

template <class Element, Precision kPrecision, int kExtent, bool kTransposeA, bool kTransposeB>
void launch_mma_tiles(Context& context, const MatmulCall& call) {
  const MatmulOutput& output = call.output;
  const auto tiles = [](std::int64_t extent) { return unsigned((extent + kExtent - 1) / kExtent); };
  const auto operand = [&](const MatmulFactor& factor, std::int64_t extent) {
    constexpr std::int64_t kMostPitch = std::numeric_limits<int>::max();
    check(factor.pitch <= kMostPitch, "matmul: rows of more than ", kMostPitch, " elements");
    int together = 16 / int(sizeof(Element));
    while (factor.pitch % together != 0 || !is_aligned(factor.data, together * sizeof(Element))) {
      together /= 2;
    }
    return MmaOperand<Element>{factor.as<Element>(), extent, call.k, int(factor.pitch), together};
  };
  constexpr std::size_t kShared = sizeof(Element) * kMmaStages *
                                  (MmaTile<Element, kPrecision, kExtent, !kTransposeA>::kElements +
                                   MmaTile<Element, kPrecision, kExtent, kTransposeB>::kElements);
  const auto a = operand(call.a, output.m);
  const auto b = operand(call.b, output.n);
  const auto start = [&](auto kernel) {
    launch(context, dim3(tiles(output.m), tiles(output.n), call.split.count),
           MmaWarps<kExtent>::kThreads, kShared, kernel, a, b, call.split, output);
  };
  const bool wide = std::min(a.together, b.together) * sizeof(Element) == 16;
  start(wide ? matmul_mma_kernel<Element, kPrecision, kExtent, kTransposeA, kTransposeB,
                                 MmaCopies::wide>
             : matmul_mma_kernel<Element, kPrecision, kExtent, kTransposeA, kTransposeB,
                                 MmaCopies::narrow>);
}

template <class Element, Precision kPrecision, int kExtent>
void launch_mma_tiles(Context& context, const MatmulCall& call) {
  if (call.transpose_a) {
    call.transpose_b ? launch_mma_tiles<Element, kPrecision, kExtent, true, true>(context, call)
                     : launch_mma_tiles<Element, kPrecision, kExtent, true, false>(context, call);
  } else {
    call.transpose_b ? launch_mma_tiles<Element, kPrecision, kExtent, false, true>(context, call)
                     : launch_mma_tiles<Element, kPrecision, kExtent, false, false>(context, call);
  }
}

template <class Element, Precision kPrecision>
void launch_mma(Context& context, MatmulTile tile, const MatmulCall& call) {
  tile == MatmulTile::large ? launch_mma_tiles<Element, kPrecision, 128>(context, call)
                            : launch_mma_tiles<Element, kPrecision, 64>(context, call);
}

}  // namespace lrcn::cuda
