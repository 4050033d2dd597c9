// What the blocks of a persistent LSTM kernel have in common: where they stand, what they exchange,
// and how their shared memory is laid out.
#pragma once

#include <cstdint>

#include "kernels/cuda/cooperative.h"
#include "kernels/cuda/lstm_panel_stream.h"

namespace lrcn::cuda {

// What blocks give each other from step to step: rows of f32 or rounded words, in two versions of
// which one is read while the other is written.
template <class Word>
struct LstmExchange {
  Word* words = nullptr;  // [2, batch, stride]
  std::int64_t batch = 0;
  std::int64_t stride = 0;    // of rows, a multiple of 16 bytes
  float* partials = nullptr;  // [parts, batch, units], where terms are divided between blocks

  __device__ Word* at(std::int64_t t, std::int64_t n) const {
    return words + ((t & 1) * batch + n) * stride;
  }
};

// The slice of units, the part of the terms and the group of rows that belong to a block.
struct LstmBlock {
  int first_unit;
  int units;
  int part;
  int first_row;
  int rows;

  __device__ LstmBlock(const LstmPersistentShape& shape, std::int64_t batch_, std::int64_t units_)
      : first_unit(int(blockIdx.x) % shape.slices * shape.units),
        units(int(units_) - first_unit < shape.units ? int(units_) - first_unit : shape.units),
        part(int(blockIdx.x) / shape.slices % shape.parts),
        first_row(int(blockIdx.x) / (shape.slices * shape.parts) * shape.rows),
        rows(int(batch_) - first_row < shape.rows ? int(batch_) - first_row : shape.rows) {}
};

// Shared memory: weights, ring, sums, then floats of the kernel.
template <class Factors>
__device__ Panel<Factors> lstm_panel(const LstmPanelShape& shape) {
  constexpr int kWords = int(16 / sizeof(typename Factors::Word));  // of a copy
  const int copies = shape.piece / kWords;                          // of a row
  Panel<Factors> panel{.shape = shape,
                       .weights = dynamic_shared<typename Factors::Word>(),
                       .ring = nullptr,
                       .sums = nullptr,
                       .walk = {.row = int(threadIdx.x) / copies,
                                .word = int(threadIdx.x) % copies * kWords,
                                .rows_on = int(blockDim.x) / copies,
                                .words_on = int(blockDim.x) % copies * kWords}};
  panel.ring = panel.weights + shape.outputs * panel.weight_stride();
  panel.sums =
      reinterpret_cast<float*>(panel.ring + shape.stages * shape.rows * panel.ring_stride());
  return panel;
}
template <class Factors>
__device__ float* floats_behind(const Panel<Factors>& panel) {
  return panel.sums + panel.shape.splits * panel.shape.rows * panel.sum_stride();
}

// w[output, k ..] = the kTogether floats at from(output, k), or zeros where that is null. All
// threads of the block. kAlongDepth: neighbouring k lie together in memory, otherwise neighbouring
// outputs do. A thread asks for many of them before it waits: this is done once, but takes as long
// as steps.
template <bool kAlongDepth, int kTogether, class Factors, class F>
__device__ void load_weights(const Panel<Factors>& panel, const F& from) {
  static_assert(kAlongDepth || kTogether == 1);
  using Word = typename Factors::Word;
  constexpr int kAtOnce = kTogether == 1 ? 16 : 8;
  const LstmPanelShape& shape = panel.shape;
  const int lines = kAlongDepth ? shape.outputs : shape.padded_depth;
  const int line = kAlongDepth ? shape.padded_depth / kTogether : shape.outputs;
  const int lines_on = int(blockDim.x) / line;
  const int places_on = int(blockDim.x) % line;
  int in_line = int(threadIdx.x) % line;
  for (int number = int(threadIdx.x) / line; number < lines;) {
    Pack<float, kTogether> values[kAtOnce];
    int places[kAtOnce];
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i) {
      const int output = kAlongDepth ? number : in_line;
      const int k = kAlongDepth ? in_line * kTogether : number;
      const float* at = number < lines ? from(output, k) : nullptr;
      values[i] = at == nullptr ? Pack<float, kTogether>{}
                                : *reinterpret_cast<const Pack<float, kTogether>*>(at);
      places[i] = number < lines ? output * panel.weight_stride() + k : -1;
      number += lines_on;
      in_line += places_on;
      if (in_line >= line) {
        in_line -= line;
        ++number;
      }
    }
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i) {
      if (places[i] >= 0) {
        Pack<Word, kTogether> words;
#pragma unroll
        for (int j = 0; j < kTogether; ++j) {
          words.at[j] = Factors::word_of(values[i].at[j]);
        }
        *reinterpret_cast<Pack<Word, kTogether>*>(panel.weights + places[i]) = words;
      }
    }
  }
}

}  // namespace lrcn::cuda
