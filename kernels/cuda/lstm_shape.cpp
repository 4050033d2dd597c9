#include "kernels/cuda/lstm_shape.h"

#include <algorithm>
#include <limits>

namespace lrcn::cuda {
namespace {

// Of a large GPU, in bytes a nanosecond: what all multiprocessors together and one of them can read
// from the second-level cache. And what a barrier of the grid and a small kernel take.
constexpr double kCacheBytes = 4000.0;
constexpr double kCacheBytesOfOne = 100.0;
constexpr double kBarrierNanoseconds = 1000.0;
constexpr double kLaunchNanoseconds = 2500.0;

int divided(int size, int by) { return (size + by - 1) / by; }
int rounded_up(int size, int multiple) { return divided(size, multiple) * multiple; }

std::size_t shared_bytes(const LstmPersistentShape& shape, const LstmTile& tile) {
  const LstmPanelShape& panel = shape.panel;
  const auto words =
      std::size_t(panel.outputs) * std::size_t(panel.padded_depth + tile.padding) +
      std::size_t(kPanelStages * panel.rows) * std::size_t(panel.piece + tile.padding);
  const auto floats = std::size_t(panel.splits * panel.rows * panel.outputs) +
                      std::size_t(shape.rows * shape.units);
  return words * std::size_t(tile.word_bytes) + floats * sizeof(float);
}

// Tiles and splits for the warps of a block; false where there are too few.
bool divide_block(LstmPersistentShape& shape, bool backward, const LstmTile& tile) {
  LstmPanelShape& panel = shape.panel;
  panel.outputs = rounded_up(backward ? shape.units : 4 * shape.units, tile.outputs);
  const int warps = shape.threads / 32;
  const int columns = panel.outputs / tile.outputs;
  // A thread finishes at most one unit of one row at a time.
  const int row_tiles =
      std::min({columns > warps ? 0 : warps / columns, divided(shape.rows, tile.rows),
                shape.threads / (shape.units * tile.rows)});
  if (row_tiles == 0) {
    return false;
  }
  panel.rows = row_tiles * tile.rows;
  panel.splits = std::min(warps / (columns * row_tiles), divided(panel.depth, tile.depth));
  return true;
}

// The largest pieces that fit, as fewer of them mean fewer barriers, but enough of them that sums
// begin before all of x is there. False where none fits.
bool choose_piece(LstmPersistentShape& shape, const LstmTile& tile, std::size_t limit) {
  LstmPanelShape& panel = shape.panel;
  const int smallest = panel.splits * tile.depth;
  const int count = divided(panel.depth, smallest);
  panel.padded_depth = count * smallest;
  for (int together = divided(count, kPanelStages); together >= 1; --together) {
    panel.piece = together * smallest;
    shape.shared_bytes = shared_bytes(shape, tile);
    if (count % together == 0 && shape.shared_bytes <= limit) {
      return true;
    }
  }
  return false;
}

double estimate(const LstmPersistentShape& shape, const LstmTile& tile) {
  const LstmPanelShape& panel = shape.panel;
  const double rows = rounded_up(shape.rows, panel.rows);
  const double busy =
      double(panel.outputs / tile.outputs * (panel.rows / tile.rows) * panel.splits) /
      (shape.threads / 32);
  const double multiply =
      rows * panel.outputs * panel.padded_depth / (busy * tile.terms_per_nanosecond);
  const double bytes = double(shape.rows) * panel.depth * tile.word_bytes;
  return std::max({multiply, bytes / kCacheBytesOfOne, bytes * shape.blocks() / kCacheBytes}) +
         kBarrierNanoseconds;
}

}  // namespace

std::optional<LstmPersistentShape> choose_lstm_shape(const LstmProblem& problem, bool backward,
                                                     const LstmTile& tile,
                                                     const LstmPersistentLimits& limits) {
  constexpr std::int64_t kLargest = 1 << 20;  // products of sizes stay far below those of int
  if (problem.units > kLargest / 4 || problem.batch > kLargest) {
    return std::nullopt;
  }
  const int units = int(problem.units);
  const int batch = int(problem.batch);
  std::optional<LstmPersistentShape> best;
  for (int groups = 1; groups <= std::min(batch, int(limits.blocks)); ++groups) {
    for (int slices = 1; slices <= std::min(units, int(limits.blocks) / groups); ++slices) {
      LstmPersistentShape shape{.slices = slices,
                                .units = divided(units, slices),
                                .groups = groups,
                                .rows = divided(batch, groups),
                                .threads = limits.threads};
      shape.panel.depth = backward ? 4 * units : units;
      if (divided(units, shape.units) != slices || divided(batch, shape.rows) != groups ||
          !divide_block(shape, backward, tile) || !choose_piece(shape, tile, limits.shared_bytes)) {
        continue;
      }
      shape.step_nanoseconds = estimate(shape, tile);
      if (!best || shape.step_nanoseconds < best->step_nanoseconds) {
        best = shape;
      }
    }
  }
  return best;
}

double stepwise_lstm_nanoseconds(const LstmProblem& problem, const LstmTile& tile,
                                 const LstmPersistentLimits& limits) {
  const double weights = 4.0 * double(problem.units) * double(problem.units);
  const double multiply =
      weights * double(problem.batch) / (tile.terms_per_nanosecond * limits.blocks);
  return std::max(multiply, weights * sizeof(float) / kCacheBytes) + 2 * kLaunchNanoseconds;
}

}  // namespace lrcn::cuda
