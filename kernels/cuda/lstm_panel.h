// The product of an LSTM step in a block that keeps its part of the weights on the chip:
//   sums[r, j] = sum over k of x[r, k] w[j, k]
// w stays in shared memory for the whole sequence; x, what all blocks of the step before have
// written, comes in pieces of k by asynchronous copies, a few pieces ahead of the sums. Warps
// divide sums into tiles, and k into splits where there are more warps than tiles.
#pragma once

#include <cstdint>

#include "kernels/cuda/lstm_shape.h"
#include "kernels/cuda/ptx/copy.h"

namespace lrcn::cuda {

// Where the parts of a panel lie in shared memory.
template <class Factors>
struct Panel {
  using Word = typename Factors::Word;

  LstmPanelShape shape;
  Word* weights;  // [outputs, weight_stride]
  Word* ring;     // [kStages, rows, ring_stride]
  float* sums;    // [splits, rows, outputs]

  __device__ int weight_stride() const { return shape.padded_depth + Factors::kPadding; }
  __device__ int ring_stride() const { return shape.piece + Factors::kPadding; }
};

// Starts the copy of piece `p` of x. x: [.., depth], its rows `stride` words apart, of which
// `present` exist; the others and what lies behind `depth` become zero.
template <class Factors>
__device__ void copy_piece(const Panel<Factors>& panel, const typename Factors::Word* x,
                           std::int64_t stride, int present, int p) {
  using Word = typename Factors::Word;
  constexpr int kWords = int(16 / sizeof(Word));  // of a copy
  const LstmPanelShape& shape = panel.shape;
  const int copies = shape.piece / kWords;
  Word* to = panel.ring + p % kPanelStages * shape.rows * panel.ring_stride();
  for (int i = int(threadIdx.x); i < shape.rows * copies; i += int(blockDim.x)) {
    const int row = i / copies;
    const int word = i % copies * kWords;
    const int k = p * shape.piece + word;
    const int left = row < present && k < shape.depth ? shape.depth - k : 0;
    const Word* from = left > 0 ? x + row * stride + k : x;
    copy_async_or_zero<16>(to + row * panel.ring_stride() + word, from,
                           (left < kWords ? left : kWords) * int(sizeof(Word)));
  }
}

// Called by all threads of the block; the sums are complete for all of them on return.
template <class Factors>
__device__ void multiply_panel(const Panel<Factors>& panel, const typename Factors::Word* x,
                               std::int64_t stride, int present) {
  const LstmPanelShape& shape = panel.shape;
  const int columns = shape.outputs / Factors::kOutputs;  // of tiles
  const int tiles = columns * (shape.rows / Factors::kRows);
  const int warp = int(threadIdx.x / 32);
  const int split = warp / tiles;
  const int row = warp % tiles / columns * Factors::kRows;
  const int output = warp % columns * Factors::kOutputs;
  const bool works = split < shape.splits;
  const int depth = shape.piece / shape.splits;  // of a piece for a warp
  const int pieces = shape.padded_depth / shape.piece;

  typename Factors::Sums sums;
  for (int p = 0; p < kPanelStages - 1; ++p) {
    if (p < pieces) {
      copy_piece(panel, x, stride, present, p);
    }
    commit_copies();
  }
  for (int p = 0; p < pieces; ++p) {
    wait_for_copies<kPanelStages - 2>();
    __syncthreads();  // this piece is there for all, and all are done with the piece before
    if (p + kPanelStages - 1 < pieces) {
      copy_piece(panel, x, stride, present, p + kPanelStages - 1);
    }
    commit_copies();
    if (works) {
      const auto* from = panel.ring + (p % kPanelStages * shape.rows + row) * panel.ring_stride();
      const auto* w = panel.weights + output * panel.weight_stride() + p * shape.piece;
      sums.multiply(from + split * depth, panel.ring_stride(), w + split * depth,
                    panel.weight_stride(), depth);
    }
  }
  wait_for_copies<0>();
  if (works) {
    sums.store(panel.sums + (split * shape.rows + row) * shape.outputs + output, shape.outputs);
  }
  __syncthreads();
}

// The sum of all splits.
template <class Factors>
__device__ float panel_sum(const Panel<Factors>& panel, int row, int output) {
  const LstmPanelShape& shape = panel.shape;
  const float* at = panel.sums + row * shape.outputs + output;
  float sum = at[0];
  for (int split = 1; split < shape.splits; ++split) {
    sum += at[split * shape.rows * shape.outputs];
  }
  return sum;
}

}  // namespace lrcn::cuda
