// The product of an LSTM step in a block that keeps its part of the weights on the chip:
//   sums[r, j] = sum over k of x[r, k] w[j, k]
// w stays in shared memory for the whole sequence; x, what all blocks of the step before have
// written, comes in pieces of k by asynchronous copies: panel by panel, and as many pieces ahead of
// the sums as shared memory has room for. Warps divide sums into tiles, and k into splits where
// there are more warps than tiles.
#pragma once

#include <cstdint>

#include "kernels/cuda/element.h"
#include "kernels/cuda/lstm_shape.h"

namespace lrcn::cuda {

// Which words of a piece a thread copies, 16 bytes at a time: they are dealt out in the order of
// memory. Looked for once, since a division takes as long as many copies.
struct PieceWalk {
  int row;
  int word;
  int rows_on;  // from one to the next
  int words_on;
};

// Where the parts of a panel lie in shared memory.
template <class Factors>
struct Panel {
  using Word = typename Factors::Word;

  LstmPanelShape shape;
  Word* weights;  // [outputs, weight_stride]
  Word* ring;     // [stages, rows, ring_stride]
  float* sums;    // [splits, rows, sum_stride]
  PieceWalk walk;

  __device__ int weight_stride() const { return shape.padded_depth + Factors::kPadding; }
  __device__ int ring_stride() const { return shape.piece + Factors::kPadding; }
  __device__ int sum_stride() const { return shape.outputs + kSumPadding; }
};

// The sums of kCount neighbouring outputs, a multiple of which `output` is, over all splits.
template <int kCount, class Factors>
__device__ Pack<float, kCount> panel_sums(const Panel<Factors>& panel, int row, int output) {
  const float* from = panel.sums + row * panel.sum_stride() + output;
  auto sums = *reinterpret_cast<const Pack<float, kCount>*>(from);
  for (int split = 1; split < panel.shape.splits; ++split) {
    from += panel.shape.rows * panel.sum_stride();
    const auto more = *reinterpret_cast<const Pack<float, kCount>*>(from);
#pragma unroll
    for (int i = 0; i < kCount; ++i) {
      sums.at[i] += more.at[i];
    }
  }
  return sums;
}

}  // namespace lrcn::cuda
