// Matrix products on the cores for f32: a block computes a square tile of c from tiles of a and b
// in shared memory, a thread a square of it in registers, while the next tiles are on their way.
#include <algorithm>
#include <cmath>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/matmul_parts.h"

namespace lrcn::cuda {
namespace {

constexpr int kThreads = 256;  // 16 x 16 over the tile
constexpr int kSide = 16;
constexpr int kPadding = 4;  // floats, against conflicts of banks

// Terms of a tile: as many as registers allow.
template <int kExtent>
inline constexpr int kDepthOf = kExtent == 128 ? 8 : 16;

// One operand as [extent, terms].
struct MatmulOperand {
  const float* data;
  std::int64_t extent;
  std::int64_t terms;
  std::int64_t pitch;  // from one stored line to the next
};

// What the tiles of a block are read from: the terms of a run, in the rows of the tile.
struct TileLines {
  const float* data;
  std::int64_t pitch;
  int rows;
  int terms;
};

template <int kExtent, bool kAlongTerms>
__device__ TileLines tile_lines(const MatmulOperand& from, std::int64_t row, std::int64_t begin,
                                std::int64_t end) {
  const std::int64_t rows = from.extent - row;
  return {from.data + (kAlongTerms ? row * from.pitch + begin : begin * from.pitch + row),
          from.pitch, int(rows < kExtent ? rows : kExtent), int(end - begin)};
}

// The part of a tile [kExtent, kDepth] that a thread carries from memory to shared memory.
// `kAlongTerms`: neighbours in memory are neighbouring terms, not neighbouring rows of the extent.
template <int kExtent, bool kAlongTerms>
struct TilePart {
  static constexpr int kRow = kExtent + kPadding;
  static constexpr int kDepth = kDepthOf<kExtent>;
  static constexpr int kCount = kExtent * kDepth / kThreads;
  float values[kCount];

  __device__ static int extent_of(int i) {
    const int step = kThreads / (kAlongTerms ? kDepth : kExtent);
    return int(kAlongTerms ? threadIdx.x / kDepth + unsigned(i * step) : threadIdx.x % kExtent);
  }
  __device__ static int term_of(int i) {
    const int step = kThreads / (kAlongTerms ? kDepth : kExtent);
    return int(kAlongTerms ? threadIdx.x % kDepth : threadIdx.x / kExtent + unsigned(i * step));
  }

  // Zeros beyond the lines.
  __device__ void load(const TileLines& from, int term) {
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      const int e = extent_of(i);
      const int l = term + term_of(i);
      const bool inside = e < from.rows && l < from.terms;
      values[i] = inside ? from.data[kAlongTerms ? e * from.pitch + l : l * from.pitch + e] : 0.0f;
    }
  }
  // tile: [kDepth, kRow]
  __device__ void store(float* tile) const {
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      tile[term_of(i) * kRow + extent_of(i)] = values[i];
    }
  }
};

// The rows of a tile that belong to a thread: fours, kExtent / fours apart.
__device__ inline int row_of(int i, unsigned thread) {
  return int(4 * thread) + (i / 4) * (4 * kSide) + i % 4;
}

template <int kExtent, bool kTransposeA, bool kTransposeB>
__global__ void __launch_bounds__(kThreads, kExtent == 128 ? 2 : 4)
    matmul_tile_kernel(MatmulOperand a, MatmulOperand b, TermSplit split, MatmulOutput output) {
  using PartA = TilePart<kExtent, !kTransposeA>;
  using PartB = TilePart<kExtent, kTransposeB>;
  constexpr int kRow = kExtent + kPadding;
  constexpr int kDepth = kDepthOf<kExtent>;
  constexpr int kSums = kExtent / kSide;
  auto* tiles = dynamic_shared<float>();  // [2, a and b, kDepth, kRow]
  const std::int64_t row = std::int64_t(blockIdx.x) * kExtent;
  const std::int64_t column = std::int64_t(blockIdx.y) * kExtent;
  if (row >= output.rows() || split.lacks(blockIdx.z, a.terms)) {
    return;
  }
  const std::int64_t begin = split.begin(blockIdx.z);
  const std::int64_t end = split.end(blockIdx.z, a.terms);
  const unsigned ty = threadIdx.x / kSide;
  const unsigned tx = threadIdx.x % kSide;

  const TileLines lines_a = tile_lines<kExtent, !kTransposeA>(a, row, begin, end);
  const TileLines lines_b = tile_lines<kExtent, kTransposeB>(b, column, begin, end);
  PartA part_a;
  PartB part_b;
  float sums[kSums][kSums] = {};
  part_a.load(lines_a, 0);
  part_b.load(lines_b, 0);
  int buffer = 0;
  for (int term = 0; term < lines_a.terms; term += kDepth, buffer ^= 1) {
    float* tile_a = tiles + buffer * 2 * kDepth * kRow;
    float* tile_b = tile_a + kDepth * kRow;
    part_a.store(tile_a);
    part_b.store(tile_b);
    __syncthreads();  // one in each step is enough: the next one writes the other buffer
    part_a.load(lines_a, term + kDepth);
    part_b.load(lines_b, term + kDepth);
#pragma unroll
    for (int l = 0; l < kDepth; ++l) {
      float x[kSums];
      float y[kSums];
#pragma unroll
      for (int i = 0; i < kSums; ++i) {
        x[i] = tile_a[l * kRow + row_of(i, ty)];
        y[i] = tile_b[l * kRow + row_of(i, tx)];
      }
#pragma unroll
      for (int i = 0; i < kSums; ++i) {
#pragma unroll
        for (int j = 0; j < kSums; ++j) {
          sums[i][j] = std::fma(x[i], y[j], sums[i][j]);
        }
      }
    }
  }
  output.m = output.rows();  // asked for again, so that no register holds it meanwhile
#pragma unroll
  for (int i = 0; i < kSums; ++i) {
#pragma unroll
    for (int j = 0; j < kSums; ++j) {
      output.store(row + row_of(i, ty), column + row_of(j, tx), blockIdx.z, sums[i][j]);
    }
  }
}

template <int kExtent, bool kTransposeA, bool kTransposeB>
void launch_tiles(Context& context, const MatmulCall& call) {
  const MatmulOutput& output = call.output;
  const auto tiles = [](std::int64_t extent) { return unsigned((extent + kExtent - 1) / kExtent); };
  constexpr std::size_t kShared =
      std::size_t(4 * kDepthOf<kExtent> * (kExtent + kPadding)) * sizeof(float);
  launch(context, dim3(tiles(output.m), tiles(output.n), call.split.count), kThreads, kShared,
         matmul_tile_kernel<kExtent, kTransposeA, kTransposeB>,
         MatmulOperand{call.a.as<float>(), output.m, call.k, call.a.pitch},
         MatmulOperand{call.b.as<float>(), output.n, call.k, call.b.pitch}, call.split, output);
}

template <int kExtent>
void launch_tiles(Context& context, const MatmulCall& call) {
  if (call.transpose_a) {
    call.transpose_b ? launch_tiles<kExtent, true, true>(context, call)
                     : launch_tiles<kExtent, true, false>(context, call);
  } else {
    call.transpose_b ? launch_tiles<kExtent, false, true>(context, call)
                     : launch_tiles<kExtent, false, false>(context, call);
  }
}

}  // namespace

void launch_matmul_tiles(Context& context, MatmulTile tile, const MatmulCall& call) {
  tile == MatmulTile::large ? launch_tiles<128>(context, call) : launch_tiles<64>(context, call);
}

}  // namespace lrcn::cuda
