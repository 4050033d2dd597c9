// Resuming is exact: interrupted training ends with the same bits.
#include <gtest/gtest.h>

#include <stdexcept>

#include "core/error.h"
#include "layers/optim/adam.h"
#include "layers/optim/rmsprop.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"
#include "tests/tools/train/small_run.h"

namespace lrcn::test {
namespace {

struct Case {
  std::string name;
  std::string optimizer;
  std::int64_t split = 0;  // steps before the interruption; 6 batches are an epoch
  int accumulate = 1;
  ClipOptions clip;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

std::unique_ptr<Optimizer> make_optimizer(const std::string& name) {
  if (name == "adam") {
    return std::make_unique<Adam>();
  }
  if (name == "rmsprop") {
    return std::make_unique<RmsProp>();
  }
  return std::make_unique<Sgd>(SgdOptions{.momentum = 0.9f, .weight_decay = 0.01f});
}

class Resume : public testing::TestWithParam<Case> {
 protected:
  static TrainerOptions options(const std::filesystem::path& run, std::int64_t steps) {
    TrainerOptions options = small_options(run, steps);
    options.accumulate = GetParam().accumulate;
    options.clip = GetParam().clip;
    options.schedule = {
        .kind = Schedule::Kind::cosine, .base = 0.05, .total = 20, .floor = 0.001, .warmup = 3};
    return options;
  }
};

TEST_P(Resume, EndsWithTheSameBits) {
  const TemporaryFolder folder;
  SmallRun whole(options(folder / "whole", 20), make_optimizer(GetParam().optimizer));
  EXPECT_EQ(whole.trainer.run(), Outcome::finished);

  SmallRun first(options(folder / "halves", GetParam().split),
                 make_optimizer(GetParam().optimizer));
  EXPECT_EQ(first.trainer.run(), Outcome::finished);
  SmallRun second(options(folder / "halves", 20), make_optimizer(GetParam().optimizer),
                  posix_file_system(), /*store_seed=*/777);
  ASSERT_NE(second.memory(), first.memory());
  second.trainer.resume(newest_of(folder / "halves"));
  EXPECT_EQ(second.memory(), first.memory());
  EXPECT_EQ(second.trainer.run(), Outcome::finished);

  EXPECT_EQ(second.memory(), whole.memory());
  EXPECT_EQ(metrics_of(folder / "halves", "train"), metrics_of(folder / "whole", "train"));
  EXPECT_EQ(metrics_of(folder / "whole", "train").size(), 20u);
  TrainerState state = second.trainer.state();
  EXPECT_EQ(state, whole.trainer.state());
  EXPECT_EQ(state.examples, 20 * 4 * GetParam().accumulate);
}

std::vector<Case> cases() {
  using Kind = ClipOptions::Kind;
  return {
      {"SgdInTheMiddleOfAnEpoch", "sgd", 10, 1, {}},
      {"SgdAtTheEndOfAnEpoch", "sgd", 12, 1, {}},
      {"SgdAfterOneStep", "sgd", 1, 1, {Kind::norm, 0.5f}},
      {"SgdBeforeTheFirstStep", "sgd", 0, 1, {}},
      {"AdamInTheMiddleOfAnEpoch", "adam", 10, 1, {}},
      {"AdamWithClippedNorm", "adam", 7, 1, {Kind::norm, 0.2f}},
      {"RmsPropInTheMiddleOfAnEpoch", "rmsprop", 10, 1, {}},
      {"RmsPropWithClippedValues", "rmsprop", 3, 1, {Kind::values, 0.1f}},
      {"SgdWithTwoBatchesAStep", "sgd", 10, 2, {Kind::norm, 0.5f}},
      {"AdamWithFourBatchesAStepAcrossEpochs", "adam", 5, 4, {}},
      {"RmsPropWithFiveBatchesAStepAcrossEpochs", "rmsprop", 9, 5, {Kind::values, 0.1f}},
  };
}

INSTANTIATE_TEST_SUITE_P(Cases, Resume, testing::ValuesIn(cases()),
                         [](const auto& row) { return row.param.name; });

TEST(Training, MakesTheLossSmaller) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 200));
  run.trainer.run();
  ASSERT_EQ(run.sink.steps.size(), 200u);
  EXPECT_LT(run.sink.steps.back().loss, 0.05 * run.sink.steps.front().loss);
}

TEST(Training, UsesTheMeanOfTheGradientsOfTwoBatches) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 1);
  options.accumulate = 2;
  SmallRun trained(options);
  SmallRun by_hand(options);
  const std::vector<float> start = trained.params.get_value(0);
  trained.trainer.run();
  for (const std::int64_t batch : {0, 1}) {
    by_hand.context.set_step_state({.seed = 42, .step = std::uint64_t(batch)});
    const OwnedTensor meters(Device::cpu(), kStepMetersSpec);
    by_hand.task.run_batch(by_hand.context, {42, 0, batch, batch}, meters.tensor);
  }
  const auto sum = by_hand.params.gradient(0).span<float>();
  for (std::size_t i = 0; i < start.size(); ++i) {
    EXPECT_FLOAT_EQ(trained.params.get_value(0)[i], start[i] - 0.05f * 0.5f * sum[i]);
  }
}

TEST(Training, AsksForTheBatchesInOrder) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 13));
  run.trainer.run();
  ASSERT_EQ(run.task.seen.size(), 13u);
  for (std::int64_t i = 0; i < 13; ++i) {
    const BatchPosition& position = run.task.seen[std::size_t(i)];
    EXPECT_EQ(position.epoch, i / 6);
    EXPECT_EQ(position.batch, i % 6);
    EXPECT_EQ(position.index, i);
    EXPECT_EQ(position.seed, 42u);
  }
}

TEST(Training, AfterACrashEachStepStandsOnceInTheMetrics) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 20);
  options.save_every = 5;
  options.evaluate_every = 2;
  SmallRun crashed(options);
  crashed.task.before_batch = [](const BatchPosition& position, SmallTask&) {
    if (position.index == 13) {
      throw std::runtime_error("power cut");
    }
  };
  EXPECT_THROW(crashed.trainer.run(), std::runtime_error);
  EXPECT_EQ(metrics_of(folder / "run", "train").size(), 13u);

  SmallRun resumed(options);
  resumed.trainer.resume(newest_of(folder / "run"));
  EXPECT_EQ(resumed.trainer.state().step, 10);
  EXPECT_EQ(resumed.trainer.run(), Outcome::finished);
  options.run = folder / "whole";
  SmallRun whole(options);
  whole.trainer.run();
  EXPECT_EQ(resumed.memory(), whole.memory());
  for (const char* kind : {"train", "validation"}) {
    EXPECT_EQ(metrics_of(folder / "run", kind), metrics_of(folder / "whole", kind)) << kind;
  }
}

TEST(Training, KeepsTheChoicesOfAlgorithms) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 1));
  run.context.handle<AlgorithmChoices>().remember("conv 3x3", "winograd");
  run.trainer.run();
  const Checkpoint checkpoint = newest_of(folder / "run");
  EXPECT_EQ(checkpoint.state.algorithms, (AlgorithmChoices::Entries{{"conv 3x3", "winograd"}}));
}

TEST(Training, RefusesCheckpointsOfOtherTraining) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 3));
  run.trainer.run();
  const Checkpoint checkpoint = newest_of(folder / "run");

  TrainerOptions other_seed = small_options(folder / "run", 6);
  other_seed.seed = 43;
  EXPECT_TRUE(throws_with<DataError>("the seed is 42, this run has 43",
                                     [&] { SmallRun(other_seed).trainer.resume(checkpoint); }));
  SmallRun adam(small_options(folder / "run", 6), std::make_unique<Adam>());
  EXPECT_TRUE(throws_with<DataError>("the optimizer is sgd, this run has adam",
                                     [&] { adam.trainer.resume(checkpoint); }));
  Checkpoint other_data = checkpoint;
  other_data.state.batches_per_epoch = 7;
  EXPECT_TRUE(throws_with<DataError>("the number of batches in an epoch is 7, this run has 6", [&] {
    SmallRun(small_options(folder / "run", 6)).trainer.resume(other_data);
  }));
}

TEST(Training, DoesNotOverwriteAnotherRun) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 3));
  run.trainer.run();
  SmallRun again(small_options(folder / "run", 3));
  EXPECT_TRUE(throws_with<ArgumentError>("holds checkpoints of a run up to step 3",
                                         [&] { again.trainer.run(); }));
  EXPECT_EQ(metrics_of(folder / "run", "train").size(), 3u);
}

TEST(Training, ContinuesFromAnOlderCheckpointAndSetsLaterOnesAside) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 9);
  options.save_every = 3;
  SmallRun run(options);
  run.trainer.run();
  const Checkpoints checkpoints(folder / "run", 3);
  ASSERT_EQ(checkpoints.steps(), (std::vector<std::int64_t>{3, 6, 9}));
  options.steps = 5;
  SmallRun older(options);
  older.trainer.resume(open_checkpoint(checkpoints.folder_of(3)));
  older.trainer.run();
  EXPECT_EQ(checkpoints.steps(), (std::vector<std::int64_t>{3, 5}));
  EXPECT_TRUE(std::filesystem::exists(folder / "run/checkpoints/abandoned-step-00000009"));
  EXPECT_EQ(older.sink.notices.size(), 2u);
  EXPECT_EQ(metrics_of(folder / "run", "train").size(), 5u);
}

TEST(Training, RefusesOptionsOutOfRange) {
  const TemporaryFolder folder;
  const auto with = [&](auto change) {
    TrainerOptions options = small_options(folder / "run", 3);
    change(options);
    SmallRun run(options);
  };
  EXPECT_THROW(with([](TrainerOptions& o) { o.steps = -1; }), ArgumentError);
  EXPECT_THROW(with([](TrainerOptions& o) { o.accumulate = 0; }), ArgumentError);
  EXPECT_THROW(with([](TrainerOptions& o) { o.log_every = 0; }), ArgumentError);
  EXPECT_THROW(with([](TrainerOptions& o) { o.save_every = -1; }), ArgumentError);
  EXPECT_THROW(with([](TrainerOptions& o) { o.keep_last = 0; }), ArgumentError);
  EXPECT_THROW(with([](TrainerOptions& o) { o.max_skipped_in_a_row = 0; }), ArgumentError);
  EXPECT_THROW(with([](TrainerOptions& o) { o.run.clear(); }), ArgumentError);
  EXPECT_THROW(with([](TrainerOptions& o) { o.schedule.base = -1.0; }), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
