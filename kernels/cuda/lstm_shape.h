// How a persistent LSTM kernel divides its work between blocks, and inside of a block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernels/cuda/divisor.h"
#include "kernels/lstm.h"

namespace lrcn::cuda {

// Most pieces of x that are on their way or being read at the same time.
inline constexpr int kMostPanelStages = 8;

// sums [rows, outputs] = x [rows, depth] w^T [depth, outputs] of a block.
struct LstmPanelShape {
  int rows = 0;          // of x at a time
  int outputs = 0;       // rows of w
  int depth = 0;         // terms of a sum
  int padded_depth = 0;  // with zeros, a multiple of piece
  int piece = 0;         // terms that come to the ring together
  int splits = 0;        // warps that sum up different terms of the same sums
  int stages = 0;        // places of the ring; one only for x that is one piece
};

// Floats behind a row of sums: they put the rows that a warp stores together into different banks.
inline constexpr int kSumPadding = 8;

// Most threads of a block.
inline constexpr int kLstmMostThreads = 256;

// A block has a slice of the units, a part of the terms of their sums, and a group of the batch
// rows. Of the rows of its group it finishes own_rows, when the sums of all parts are there.
struct LstmPersistentShape {
  int slices = 0;
  int units = 0;  // of a slice
  int parts = 1;  // 1 forward
  int groups = 0;
  int rows = 0;  // of a group
  int own_rows = 0;
  int threads = 0;
  Divisor by_units = {};
  LstmPanelShape panel = {};  // depth: of a part
  std::size_t shared_bytes = 0;
  double step_nanoseconds = 0.0;  // estimate

  unsigned blocks() const { return unsigned(slices * parts * groups); }
};

// What there is to divide it on.
struct LstmPersistentLimits {
  unsigned blocks = 0;             // that run at the same time
  std::size_t shared_bytes = 0;    // for each
  int threads = kLstmMostThreads;  // of each, whole warps
  int parts = 0;                   // of the terms backward; 0: as many as seem best
};

// The sums that a warp holds, and what its factors are: one for each of lstm_factors.h.
struct LstmTile {
  int rows = 0;
  int outputs = 0;
  int depth = 0;                      // terms that a warp takes at a time
  int padding = 0;                    // words behind a row in shared memory
  int word_bytes = 0;                 // of a factor
  double terms_per_nanosecond = 0.0;  // of a multiprocessor
};
// 128 cores at 1.7 GHz, two thirds of it.
inline constexpr LstmTile kLstmF32Tile = {.rows = 8,
                                          .outputs = 8,
                                          .depth = 128,
                                          .padding = 0,
                                          .word_bytes = 4,
                                          .terms_per_nanosecond = 150.0};
// Tensor cores, as quick as shared memory can feed them. 16 bytes behind
// every row put eight rows into different banks.
constexpr LstmTile lstm_tensor_tile(int outputs, int word_bytes) {
  return {.rows = 16,
          .outputs = outputs,
          .depth = 32 / word_bytes,
          .padding = 16 / word_bytes,
          .word_bytes = word_bytes,
          .terms_per_nanosecond = 1400.0 / word_bytes};
}
inline constexpr LstmTile kLstmBf16ForwardTile = lstm_tensor_tile(32, 2);
inline constexpr LstmTile kLstmBf16BackwardTile = lstm_tensor_tile(16, 2);
inline constexpr LstmTile kLstmTf32ForwardTile = lstm_tensor_tile(32, 4);
inline constexpr LstmTile kLstmTf32BackwardTile = lstm_tensor_tile(16, 4);

// The quickest shape by a simple estimate, or nothing when no shape fits.
std::optional<LstmPersistentShape> choose_lstm_shape(const LstmProblem& problem, bool backward,
                                                     const LstmTile& tile,
                                                     const LstmPersistentLimits& limits);

// An estimate of what a step costs that is a product and a kernel of its own.
double stepwise_lstm_nanoseconds(const LstmProblem& problem, const LstmPersistentLimits& limits);

}  // namespace lrcn::cuda
