// How a persistent LSTM kernel divides sequences.
#include "kernels/cuda/lstm_shape.h"

#include <gtest/gtest.h>

#include "tests/kernels/lstm_suites.h"

namespace lrcn::test {
namespace {

using cuda::choose_lstm_shape;
using cuda::LstmPersistentLimits;
using cuda::LstmPersistentShape;
using cuda::LstmTile;

constexpr LstmTile kF32 = cuda::kLstmF32Tile;
constexpr LstmTile kBf16 = cuda::kLstmBf16ForwardTile;
constexpr LstmTile kBf16Back = cuda::kLstmBf16BackwardTile;
constexpr LstmTile kTf32 = cuda::kLstmTf32ForwardTile;
constexpr LstmTile kTf32Back = cuda::kLstmTf32BackwardTile;
constexpr LstmPersistentLimits kH200 = {.blocks = 132, .shared_bytes = std::size_t(227) << 10};
constexpr LstmPersistentLimits kA100 = {.blocks = 108, .shared_bytes = std::size_t(163) << 10};
constexpr LstmPersistentLimits kSmall = {
    .blocks = 15, .shared_bytes = std::size_t(64) << 10, .threads = 128};

// Pieces of a step.
int pieces_of(const LstmPersistentShape& shape) {
  const auto& panel = shape.panel;
  return (shape.rows + panel.rows - 1) / panel.rows * (panel.padded_depth / panel.piece);
}

// What the kernels rely on.
void expect_sound(const LstmPersistentShape& shape, const LstmProblem& problem, bool backward,
                  const LstmTile& tile, const LstmPersistentLimits& limits) {
  const auto& panel = shape.panel;
  EXPECT_LE(shape.blocks(), limits.blocks);
  EXPECT_LE(shape.shared_bytes, limits.shared_bytes);
  EXPECT_EQ(shape.threads, limits.threads);
  // Every unit, row and term has a block, and every block has some.
  EXPECT_GE(shape.slices * shape.units, problem.units);
  EXPECT_LT((shape.slices - 1) * shape.units, problem.units);
  EXPECT_GE(shape.groups * shape.rows, problem.batch);
  EXPECT_LT((shape.groups - 1) * shape.rows, problem.batch);
  const std::int64_t terms = (backward ? 4 : 1) * problem.units;
  EXPECT_GE(shape.parts * panel.depth, terms);
  EXPECT_LT((shape.parts - 1) * panel.depth, terms);
  EXPECT_GE(shape.parts * shape.own_rows, shape.rows);
  EXPECT_EQ(shape.parts == 1 ? 0 : panel.depth % 16, 0);
  // Every tile has its warps, and every piece is whole for each of them.
  EXPECT_GE(panel.outputs, (backward ? 1 : 4) * shape.units);
  EXPECT_EQ(panel.outputs % tile.outputs, 0);
  EXPECT_EQ(panel.rows % tile.rows, 0);
  EXPECT_GE(panel.splits, 1);
  EXPECT_LE(panel.outputs / tile.outputs * (panel.rows / tile.rows) * panel.splits * 32,
            shape.threads);
  EXPECT_EQ(panel.piece % (panel.splits * tile.depth), 0);
  EXPECT_EQ(panel.padded_depth % panel.piece, 0);
  EXPECT_GE(panel.stages, std::min(pieces_of(shape), 2));
  EXPECT_LE(panel.stages, std::min(pieces_of(shape), cuda::kMostPanelStages));
  EXPECT_GE(panel.padded_depth, panel.depth);
  if (!backward) {
    EXPECT_EQ(shape.parts, 1);
    EXPECT_LE(panel.rows * shape.units, shape.threads);
  }
}

TEST(LstmShape, IsSoundForEverySizeThatFits) {
  for (const LstmPersistentLimits& limits : {kH200, kA100, kSmall}) {
    for (const std::int64_t units : {1, 5, 33, 100, 256, 512, 1000, 1024, 2048}) {
      for (const std::int64_t batch : {1, 7, 16, 33, 64, 128, 1000}) {
        SCOPED_TRACE(concat(limits.blocks, " blocks, H=", units, " N=", batch));
        const LstmProblem problem{.steps = 2, .batch = batch, .units = units};
        for (const bool backward : {false, true}) {
          for (const LstmTile& tile :
               {kF32, backward ? kBf16Back : kBf16, backward ? kTf32Back : kTf32}) {
            if (const auto shape = choose_lstm_shape(problem, backward, tile, limits)) {
              expect_sound(*shape, problem, backward, tile, limits);
            }
          }
        }
      }
    }
  }
}

TEST(LstmShape, CaptionersFitALargeDevice) {
  for (const std::int64_t units : {256, 512, 1000, 1024}) {
    for (const std::int64_t batch : {16, 32, 64, 128}) {
      const LstmProblem problem{.steps = 20, .batch = batch, .units = units};
      for (const LstmTile& tile : {kF32, kBf16}) {
        EXPECT_TRUE(choose_lstm_shape(problem, false, tile, kH200)) << units << ' ' << batch;
        EXPECT_TRUE(choose_lstm_shape(problem, true, tile, kH200)) << units << ' ' << batch;
      }
    }
  }
}

// What a block reads in a step is asked for at once, so that the way to memory is waited for once.
TEST(LstmShape, AsksForAllOfAStepAtOnceWhereThereIsRoom) {
  for (const std::int64_t units : {256, 512, 1000, 1024}) {
    for (const std::int64_t batch : {16, 32, 64}) {
      const LstmProblem problem{.steps = 20, .batch = batch, .units = units};
      const auto shape = choose_lstm_shape(problem, false, kBf16, kH200);
      ASSERT_TRUE(shape);
      EXPECT_GE(shape->panel.stages * shape->panel.rows * shape->panel.piece,
                shape->rows * shape->panel.padded_depth)
          << units << ' ' << batch;
    }
  }
}

// Cases of the tests of sequences, in little memory.
TEST(LstmShape, HasFewerPlacesThanPiecesWhereMemoryIsShort) {
  LstmPersistentLimits limits = kSmall;
  limits.shared_bytes = std::size_t(24) << 10;
  const LstmProblem problem{.steps = 2, .batch = 33, .units = 65};
  for (const bool backward : {false, true}) {
    for (const LstmTile& tile : {kF32, backward ? kBf16Back : kBf16}) {
      const auto shape = choose_lstm_shape(problem, backward, tile, limits);
      ASSERT_TRUE(shape);
      expect_sound(*shape, problem, backward, tile, limits);
      EXPECT_LT(shape->panel.stages, pieces_of(*shape));
    }
  }
}

TEST(LstmShape, OfTheCasesOfTheTestsExistsInSmallBlocks) {
  for (const LstmProblem& problem : kLstmProblems) {
    for (const bool backward : {false, true}) {
      for (const int parts : {0, 2}) {
        LstmPersistentLimits limits = kSmall;
        limits.parts = problem.units >= 8 ? parts : 0;  // fewer terms are not worth dividing
        for (const LstmTile& tile :
             {kF32, backward ? kBf16Back : kBf16, backward ? kTf32Back : kTf32}) {
          EXPECT_TRUE(choose_lstm_shape(problem, backward, tile, limits)) << problem.units;
        }
      }
    }
  }
}

TEST(LstmShape, DoesNotExistForWeightsLargerThanTheDevice) {
  const LstmProblem problem{.steps = 2, .batch = 8, .units = 4096};
  EXPECT_FALSE(choose_lstm_shape(problem, false, kF32, kH200));
  EXPECT_FALSE(choose_lstm_shape(problem, true, kF32, kH200));
}

}  // namespace
}  // namespace lrcn::test
