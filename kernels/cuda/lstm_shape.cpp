#include "kernels/cuda/lstm_shape.h"

#include <algorithm>

namespace lrcn::cuda {
namespace {

// Of a large GPU, in bytes a nanosecond: what all multiprocessors together and one of them can read
// from the second-level cache, and how long the way from there is. And what a barrier of the grid
// and a small kernel take.
constexpr double kCacheBytes = 4000.0;
constexpr double kCacheBytesOfOne = 100.0;
constexpr double kCacheNanoseconds = 600.0;
constexpr double kBarrierNanoseconds = 1000.0;
constexpr double kLaunchNanoseconds = 2500.0;

int divided(int size, int by) { return (size + by - 1) / by; }
int rounded_up(int size, int multiple) { return divided(size, multiple) * multiple; }

std::size_t shared_bytes(const LstmPersistentShape& shape, bool backward, const LstmTile& tile) {
  const LstmPanelShape& panel = shape.panel;
  const auto area = [](int rows, int columns) { return std::size_t(rows) * std::size_t(columns); };
  const std::size_t words = area(panel.outputs, panel.padded_depth + tile.padding) +
                            area(panel.stages * panel.rows, panel.piece + tile.padding);
  std::size_t floats = area(panel.splits * panel.rows, panel.outputs + kSumPadding) +
                       area(shape.own_rows, shape.units);
  floats += backward && shape.parts == 1 ? area(shape.rows, shape.units) : 0;
  return words * std::size_t(tile.word_bytes) + floats * sizeof(float);
}

// Words of x that a block waits for at the same time.
int on_the_way(const LstmPanelShape& panel) { return panel.stages * panel.rows * panel.piece; }

// Tiles and splits for the warps of a block; false where there are too few.
bool divide_block(LstmPersistentShape& shape, bool backward, const LstmTile& tile) {
  LstmPanelShape& panel = shape.panel;
  const int warps = shape.threads / 32;
  if (shape.units > shape.threads) {
    return false;
  }
  panel.outputs = rounded_up(backward ? shape.units : 4 * shape.units, tile.outputs);
  const int columns = panel.outputs / tile.outputs;
  int row_tiles = std::min(warps / columns, divided(shape.rows, tile.rows));
  if (!backward) {
    // A thread finishes one unit of one row of a panel.
    row_tiles = std::min(row_tiles, shape.threads / (shape.units * tile.rows));
  }
  if (row_tiles == 0) {
    return false;
  }
  panel.rows = row_tiles * tile.rows;
  panel.splits = std::min(warps / (columns * row_tiles), divided(panel.depth, tile.depth));
  return true;
}

// Pieces of which as much of x as possible is on its way at the same time, since what a step waits
// for is the way and not the bytes. Of those that do the same the largest, as fewer of them mean
// fewer barriers, but two of a panel, so that sums begin before all of it is there. False where
// none fits.
bool choose_piece(LstmPersistentShape& shape, bool backward, const LstmTile& tile,
                  std::size_t limit) {
  const int smallest = shape.panel.splits * tile.depth;
  const int count = divided(shape.panel.depth, smallest);
  const int panels = divided(shape.rows, shape.panel.rows);
  LstmPersistentShape best;
  for (int together = divided(count, 2); together >= 1; --together) {
    if (count % together != 0) {
      continue;
    }
    const int pieces = panels * (count / together);
    LstmPersistentShape trial = shape;
    trial.panel.padded_depth = count * smallest;
    trial.panel.piece = together * smallest;
    for (int stages = std::min(pieces, kMostPanelStages); stages >= std::min(pieces, 2); --stages) {
      trial.panel.stages = stages;
      trial.shared_bytes = shared_bytes(trial, backward, tile);
      if (trial.shared_bytes <= limit) {
        if (on_the_way(trial.panel) > on_the_way(best.panel)) {
          best = trial;
        }
        break;
      }
    }
  }
  if (best.panel.stages == 0) {
    return false;
  }
  shape = best;
  return true;
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
  const double all_bytes = bytes * shape.blocks();
  const double ways = std::max(1.0, rows * panel.padded_depth / on_the_way(panel));
  double nanoseconds = std::max({multiply, bytes / kCacheBytesOfOne, all_bytes / kCacheBytes,
                                 (ways - 1.0) * kCacheNanoseconds}) +
                       kCacheNanoseconds + kBarrierNanoseconds;
  if (shape.parts > 1) {
    const double sums = double(shape.rows) * shape.units * shape.blocks() * sizeof(float);
    nanoseconds += kBarrierNanoseconds + 2.0 * sums / kCacheBytes;
  }
  return nanoseconds;
}

// The shape with these numbers of groups, parts and slices, if it works.
std::optional<LstmPersistentShape> shape_of(LstmPersistentShape shape, const LstmProblem& problem,
                                            bool backward, const LstmTile& tile,
                                            std::size_t limit) {
  const int units = int(problem.units);
  const int batch = int(problem.batch);
  shape.units = divided(units, shape.slices);
  shape.by_units = Divisor(shape.units);
  shape.rows = divided(batch, shape.groups);
  shape.own_rows = divided(shape.rows, shape.parts);
  constexpr int kAligned = 16;  // where a part of the terms may begin
  const int terms = backward ? 4 * units : units;
  shape.panel.depth = shape.parts > 1 ? rounded_up(divided(terms, shape.parts), kAligned) : terms;
  const bool all_work = divided(units, shape.units) == shape.slices &&
                        divided(batch, shape.rows) == shape.groups &&
                        divided(terms, shape.panel.depth) == shape.parts;
  if (!all_work || !divide_block(shape, backward, tile) ||
      !choose_piece(shape, backward, tile, limit)) {
    return std::nullopt;
  }
  shape.step_nanoseconds = estimate(shape, tile);
  return shape;
}

}  // namespace

std::optional<LstmPersistentShape> choose_lstm_shape(const LstmProblem& problem, bool backward,
                                                     const LstmTile& tile,
                                                     const LstmPersistentLimits& limits) {
  constexpr std::int64_t kLargest = 1 << 20;  // products of sizes stay far below those of int
  if (problem.units > kLargest / 4 || problem.batch > kLargest) {
    return std::nullopt;
  }
  const int blocks = int(limits.blocks);
  std::optional<LstmPersistentShape> best;
  for (const int parts : {1, 2, 4, 8}) {
    if (backward ? limits.parts != 0 && parts != limits.parts : parts > 1) {
      continue;
    }
    for (int groups = 1; groups <= blocks / parts; ++groups) {
      for (int slices = 1; slices <= blocks / (parts * groups); ++slices) {
        const LstmPersistentShape wish{
            .slices = slices, .parts = parts, .groups = groups, .threads = limits.threads};
        const auto shape = shape_of(wish, problem, backward, tile, limits.shared_bytes);
        if (shape && (!best || shape->step_nanoseconds < best->step_nanoseconds)) {
          best = shape;
        }
      }
    }
  }
  return best;
}

double stepwise_lstm_nanoseconds(const LstmProblem& problem, const LstmPersistentLimits& limits) {
  const LstmTile& tile = problem.precision == Precision::f32    ? kLstmF32Tile
                         : problem.precision == Precision::tf32 ? kLstmTf32ForwardTile
                                                                : kLstmBf16ForwardTile;
  const double weights = 4.0 * double(problem.units) * double(problem.units);
  const double multiply =
      weights * double(problem.batch) / (tile.terms_per_nanosecond * limits.blocks);
  return std::max(multiply, weights * double(size_of(problem.dtype)) / kCacheBytes) +
         kCacheNanoseconds + 2 * kLaunchNanoseconds;
}

}  // namespace lrcn::cuda
