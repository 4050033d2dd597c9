// What the blocks of a persistent LSTM kernel have in common: where they stand, what they exchange,
// and how their shared memory is laid out.
#pragma once

#include <cstdint>

#include "kernels/cuda/cooperative.h"
#include "kernels/cuda/lstm_panel.h"

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
  Panel<Factors> panel{.shape = shape,
                       .weights = dynamic_shared<typename Factors::Word>(),
                       .ring = nullptr,
                       .sums = nullptr};
  panel.ring = panel.weights + shape.outputs * panel.weight_stride();
  panel.sums =
      reinterpret_cast<float*>(panel.ring + kPanelStages * shape.rows * panel.ring_stride());
  return panel;
}
template <class Factors>
__device__ float* floats_behind(const Panel<Factors>& panel) {
  return panel.sums + panel.shape.splits * panel.shape.rows * panel.shape.outputs;
}

// w[output, k] = weight(output, k). All threads of the block. kAlongDepth: neighbouring k lie
// together in memory, otherwise neighbouring outputs do.
template <bool kAlongDepth, class Factors, class F>
__device__ void load_weights(const Panel<Factors>& panel, const F& weight) {
  const int depth = panel.shape.padded_depth;
  const int outputs = panel.shape.outputs;
  for (int i = int(threadIdx.x); i < outputs * depth; i += int(blockDim.x)) {
    const int output = kAlongDepth ? i / depth : i % outputs;
    const int k = kAlongDepth ? i % depth : i / outputs;
    panel.weights[output * panel.weight_stride() + k] = Factors::word_of(weight(output, k));
  }
}

}  // namespace lrcn::cuda
