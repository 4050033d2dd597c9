// Steps whose loss or gradients are not finite.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"
#include "tests/tools/train/small_run.h"

namespace lrcn::test {
namespace {

// Makes the batches [first, last] unusable.
auto poison(std::int64_t first, std::int64_t last) {
  return [first, last](const BatchPosition& position, SmallTask& task) {
    task.poison_input = position.index >= first && position.index <= last;
  };
}

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

TEST(SkippedSteps, LeaveParametersAndOptimizerAlone) {
  const TemporaryFolder folder;
  SmallRun before(small_options(folder / "before", 4));
  before.trainer.run();
  SmallRun run(small_options(folder / "run", 5));
  run.task.before_batch = poison(4, 4);
  EXPECT_EQ(run.trainer.run(), Outcome::finished);
  EXPECT_EQ(run.memory(), before.memory());
  EXPECT_EQ(run.trainer.state().step, 5);
  EXPECT_EQ(run.trainer.state().updates, 4);
  EXPECT_EQ(run.trainer.state().skipped, 1);
  EXPECT_TRUE(run.sink.steps.back().skipped);
  ASSERT_EQ(run.sink.notices.size(), 1u);
  EXPECT_NE(run.sink.notices[0].find("step 5 skipped"), std::string::npos) << run.sink.notices[0];
  EXPECT_NE(run.sink.notices[0].find("decoder.head.weight"), std::string::npos);
}

TEST(SkippedSteps, LeaveNoGradientsToTheNextStep) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 20));
  run.task.before_batch = poison(4, 7);
  EXPECT_EQ(run.trainer.run(), Outcome::finished);
  EXPECT_TRUE(all_finite(run.memory()));
  EXPECT_EQ(run.trainer.state().updates, 16);
  EXPECT_EQ(run.trainer.state().skipped_in_a_row, 0);
}

TEST(SkippedSteps, AreCountedWhenOnlyTheLossIsBroken) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 3));
  run.task.before_batch = [](const BatchPosition& position, SmallTask& task) {
    task.added_loss = position.index == 1 ? INFINITY : 0.0f;
  };
  EXPECT_EQ(run.trainer.run(), Outcome::finished);
  EXPECT_EQ(run.trainer.state().skipped, 1);
  const std::vector<std::string> lines = metrics_of(folder / "run", "train");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(Json::parse(lines[1]).at("loss").is_null());
  EXPECT_EQ(Json::parse(lines[1]).at("skipped").as_int(), 1);
}

TEST(SkippedSteps, DropTheGoodBatchesOfTheStepToo) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 3);
  options.accumulate = 2;
  SmallRun run(options);
  const std::vector<float> start = run.params.get_value(0);
  run.task.before_batch = poison(1, 5);
  EXPECT_EQ(run.trainer.run(), Outcome::finished);
  EXPECT_EQ(run.trainer.state().skipped, 3);
  EXPECT_EQ(run.params.get_value(0), start);
}

TEST(SkippedSteps, EndTheRunWhenTenFollowEachOther) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 50);
  options.save_every = 5;
  SmallRun run(options);
  run.task.before_batch = poison(7, 1000);
  const std::string message = message_of<DataError>([&] { run.trainer.run(); });
  EXPECT_NE(message.find("10 steps in a row"), std::string::npos) << message;
  EXPECT_NE(message.find("step 17"), std::string::npos) << message;
  EXPECT_NE(message.find("decoder.head.weight is not finite at element 0"), std::string::npos)
      << message;
  // What is on the disk is sound, and counts on from there.
  const Checkpoint checkpoint = newest_of(folder / "run");
  EXPECT_EQ(checkpoint.state.step, 15);
  EXPECT_EQ(checkpoint.state.skipped_in_a_row, 8);
  SmallRun resumed(options);
  resumed.trainer.resume(checkpoint);
  EXPECT_TRUE(all_finite(resumed.memory()));
  resumed.task.before_batch = poison(7, 1000);
  EXPECT_TRUE(throws_with<DataError>("step 17", [&] { resumed.trainer.run(); }));
}

TEST(SkippedSteps, MayBeNineInARowAgainAndAgain) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 40));
  run.task.before_batch = [](const BatchPosition& position, SmallTask& task) {
    task.poison_input = position.index % 10 != 0;
  };
  EXPECT_EQ(run.trainer.run(), Outcome::finished);
  EXPECT_EQ(run.trainer.state().skipped, 36);
}

TEST(SkippedSteps, ResumeAsTheyWere) {
  const TemporaryFolder folder;
  SmallRun whole(small_options(folder / "whole", 12));
  whole.task.before_batch = poison(4, 8);
  whole.trainer.run();
  SmallRun first(small_options(folder / "run", 6));
  first.task.before_batch = poison(4, 8);
  first.trainer.run();
  SmallRun second(small_options(folder / "run", 12));
  second.task.before_batch = poison(4, 8);
  second.trainer.resume(newest_of(folder / "run"));
  second.trainer.run();
  EXPECT_EQ(second.memory(), whole.memory());
  EXPECT_EQ(second.trainer.state(), whole.trainer.state());
}

TEST(PoisonedParameters, AreNeverSaved) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 6);
  options.save_every = 3;
  SmallRun run(options);
  run.task.before_batch = [&](const BatchPosition& position, SmallTask&) {
    if (position.index == 5) {
      run.params.value(2).span<float>()[1] = INFINITY;  // frozen: no update would repair it
    }
  };
  const std::string message = message_of<DataError>([&] { run.trainer.run(); });
  EXPECT_NE(message.find("\"decoder.head.scale\" holds inf at element 1"), std::string::npos)
      << message;
  EXPECT_EQ(Checkpoints(folder / "run", 3).steps(), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(newest_of(folder / "run").state.step, 3);
}

}  // namespace
}  // namespace lrcn::test
