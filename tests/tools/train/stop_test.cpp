// Ending a run on request: signals, evaluations given up, validation and what is kept.
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>

#include "core/error.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"
#include "tests/tools/train/small_run.h"
#include "tools/train/signal_guard.h"

namespace lrcn::test {
namespace {

TEST(Stopping, OnSigtermFinishesTheStepSavesAndReturns) {
  const TemporaryFolder folder;
  SmallRun whole(small_options(folder / "whole", 20));
  whole.trainer.run();

  SmallRun run(small_options(folder / "run", 20));
  {
    const SignalGuard guard;
    run.task.before_batch = [](const BatchPosition& position, SmallTask&) {
      if (position.index == 7) {
        std::raise(SIGTERM);
      }
    };
    EXPECT_EQ(run.trainer.run([&] { return guard.requested(); }), Outcome::interrupted);
    EXPECT_EQ(guard.signal(), SIGTERM);
  }
  EXPECT_EQ(run.trainer.state().step, 8);
  const Checkpoint checkpoint = newest_of(folder / "run");
  EXPECT_EQ(checkpoint.state.step, 8);
  SmallRun resumed(small_options(folder / "run", 20));
  resumed.trainer.resume(checkpoint);
  EXPECT_EQ(resumed.trainer.run(), Outcome::finished);
  EXPECT_EQ(resumed.memory(), whole.memory());
}

TEST(Stopping, ByAnErrorOfTheDeviceSavesNothingMore) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 20);
  options.save_every = 3;
  SmallRun run(options);
  run.task.before_batch = [](const BatchPosition& position, SmallTask&) {
    check<DeviceError>(position.index != 7, "decoder.head (linear), forward: kernel x failed");
  };
  EXPECT_THROW(run.trainer.run(), DeviceError);
  EXPECT_EQ(newest_of(folder / "run").state.step, 6);
}

TEST(Stopping, BeforeTheFirstStepSavesTheStart) {
  const TemporaryFolder folder;
  SmallRun run(small_options(folder / "run", 20));
  EXPECT_EQ(run.trainer.run([] { return true; }), Outcome::interrupted);
  EXPECT_EQ(newest_of(folder / "run").state.step, 0);
}

TEST(Stopping, AndRunningOnGivesTheSameBits) {
  const TemporaryFolder folder;
  SmallRun whole(small_options(folder / "whole", 12));
  whole.trainer.run();
  SmallRun run(small_options(folder / "run", 12));
  EXPECT_EQ(run.trainer.run([&] { return run.trainer.state().step == 5; }), Outcome::interrupted);
  EXPECT_EQ(run.trainer.run(), Outcome::finished);
  EXPECT_EQ(run.memory(), whole.memory());
  EXPECT_EQ(metrics_of(folder / "run", "train"), metrics_of(folder / "whole", "train"));
}

TEST(Stopping, DuringAnEvaluationRepeatsItAfterTheResume) {
  const TemporaryFolder folder;
  for (const std::int64_t stopped_at : {6, 12}) {  // in the middle, and after the last step
    TrainerOptions options = small_options(folder / ("run" + std::to_string(stopped_at)), 12);
    options.evaluate_every = 3;
    options.best_metric = "score";
    SmallRun run(options);
    bool stop = false;
    run.task.score = [&](const StopRequested& stopping) -> std::optional<double> {
      stop = run.trainer.state().step == stopped_at;
      if (stopping()) {
        return std::nullopt;
      }
      return 1.0;
    };
    EXPECT_EQ(run.trainer.run([&] { return stop; }), Outcome::interrupted);
    EXPECT_EQ(run.trainer.state().step, stopped_at);
    EXPECT_TRUE(newest_of(options.run).state.evaluation_due);

    SmallRun resumed(options);
    resumed.task.score = [](const StopRequested&) { return 1.0; };
    resumed.trainer.resume(newest_of(options.run));
    EXPECT_EQ(resumed.trainer.run(), Outcome::finished);
    EXPECT_FALSE(newest_of(options.run).state.evaluation_due);
    std::vector<std::int64_t> steps;
    for (const std::string& line : metrics_of(options.run, "validation")) {
      steps.push_back(Json::parse(line).at("step").as_int());
    }
    EXPECT_EQ(steps, (std::vector<std::int64_t>{3, 6, 9, 12}));
  }
}

TEST(Evaluation, KeepsTheBestAndTheLastCheckpoints) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 12);
  options.evaluate_every = 2;
  options.save_every = 2;
  options.keep_last = 2;
  options.best_metric = "score";
  options.best_is_lowest = false;
  const std::vector<double> scores = {0.1, 0.9, 0.3, 0.9, std::nan(""), 0.2};
  SmallRun run(options);
  run.task.score = [&](const StopRequested&) {
    return scores[std::size_t(run.trainer.state().step / 2 - 1)];
  };
  EXPECT_EQ(run.trainer.run(), Outcome::finished);
  const Checkpoints checkpoints(folder / "run", 2);
  EXPECT_EQ(checkpoints.steps(), (std::vector<std::int64_t>{4, 10, 12}));
  EXPECT_EQ(open_checkpoint(folder / "run/best").state.step, 4);
  EXPECT_EQ(open_checkpoint(folder / "run/last").state.step, 12);
  EXPECT_EQ(std::filesystem::read_symlink(folder / "run/best"), "checkpoints/step-00000004");
  EXPECT_EQ(run.trainer.state().best, (BestMetric{"score", 0.9, 4}));
  EXPECT_EQ(run.sink.evaluations,
            (std::vector<std::pair<std::int64_t, bool>>{
                {2, true}, {4, true}, {6, false}, {8, false}, {10, false}, {12, false}}));
  EXPECT_EQ(run.sink.saves, (std::vector<std::int64_t>{2, 4, 6, 8, 10, 12}));
}

TEST(Evaluation, SavesABestModelBetweenTheRegularCheckpoints) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 7);
  options.evaluate_every = 3;
  options.save_every = 5;
  options.best_metric = "score";
  SmallRun run(options);
  run.task.score = [&](const StopRequested&) { return 1.0 / double(run.trainer.state().step); };
  run.trainer.run();
  EXPECT_EQ(run.sink.saves, (std::vector<std::int64_t>{3, 5, 6, 7}));
}

TEST(Evaluation, WithoutDataHasNoBest) {
  const TemporaryFolder folder;
  class Silent final : public TrainingTask {
   public:
    explicit Silent(SmallTask& task) : task_(task) {}
    std::int64_t batches_per_epoch() const override { return task_.batches_per_epoch(); }
    std::int64_t run_batch(Context& context, const BatchPosition& position,
                           Tensor meters) override {
      return task_.run_batch(context, position, meters);
    }
    std::optional<EvaluationResult> evaluate(Context&, const StopRequested&) override {
      return EvaluationResult{};
    }
    void save_model_files(const std::filesystem::path&, const FileSystem&) override {}

   private:
    SmallTask& task_;
  };
  TrainerOptions options = small_options(folder / "run", 2);
  options.evaluate_every = 1;
  SmallRun parts(options);
  Silent silent(parts.task);
  Trainer trainer({parts.context, parts.params, *parts.optimizer, silent, parts.sink}, options);
  EXPECT_EQ(trainer.run(), Outcome::finished);
  EXPECT_FALSE(trainer.state().best.has_value());
}

TEST(Evaluation, NamesAMetricThatDoesNotExist) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 2);
  options.evaluate_every = 1;
  options.best_metric = "cider";
  SmallRun run(options);
  EXPECT_TRUE(throws_with<ArgumentError>("\"cider\"", [&] { run.trainer.run(); }));
}

TEST(Progress, TellsStepsRatesAndTheTimeThatRemains) {
  const TemporaryFolder folder;
  TrainerOptions options = small_options(folder / "run", 8);
  options.log_every = 3;
  SmallRun run(options);
  run.trainer.run();
  ASSERT_EQ(run.sink.steps.size(), 8u);
  EXPECT_EQ(run.sink.steps[6].step, 7);
  EXPECT_EQ(run.sink.steps[6].total, 8);
  EXPECT_EQ(run.sink.steps[6].epoch, 1);
  EXPECT_EQ(run.sink.steps[6].learning_rate, 0.05);
  EXPECT_GT(run.sink.steps[6].examples_per_second, 0.0);
  EXPECT_GT(run.sink.steps[6].remaining_seconds, 0.0);
  EXPECT_EQ(run.sink.steps[7].remaining_seconds, 0.0);
  const std::vector<std::string> lines = metrics_of(folder / "run", "train");
  ASSERT_EQ(lines.size(), 3u);  // 3, 6 and the last
  const Json line = Json::parse(lines[2]);
  EXPECT_EQ(line.at("step").as_int(), 8);
  EXPECT_EQ(line.at("epoch").as_int(), 1);
  EXPECT_EQ(line.at("lr").as_double(), 0.05);
  EXPECT_EQ(line.at("loss").as_double(), run.sink.steps[7].loss);
  EXPECT_EQ(line.at("accuracy").as_double(), 0.25);
  EXPECT_GT(line.at("grad_norm").as_double(), 0.0);
  EXPECT_EQ(line.at("skipped").as_int(), 0);
}

TEST(SignalGuard, RemembersTheFirstSignal) {
  const SignalGuard guard;
  EXPECT_FALSE(guard.requested());
  std::raise(SIGINT);
  EXPECT_TRUE(guard.requested());
  EXPECT_EQ(guard.signal(), SIGINT);
}

TEST(SignalGuard, LetsTheSecondSignalEndTheProcess) {
  const auto twice = [](int signal) {
    const SignalGuard guard;
    std::raise(signal);
    std::raise(signal);
  };
  EXPECT_EXIT(twice(SIGTERM), testing::KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(twice(SIGINT), testing::KilledBySignal(SIGINT), "");
}

TEST(SignalGuard, GivesTheHandlersBack) {
  static volatile std::sig_atomic_t calls = 0;
  const auto old = std::signal(SIGTERM, [](int) { calls = calls + 1; });
  {
    const SignalGuard guard;
    std::raise(SIGTERM);
    EXPECT_EQ(calls, 0);
    EXPECT_TRUE(throws_with<ArgumentError>("there is one already", [] { SignalGuard second; }));
  }
  std::raise(SIGTERM);
  EXPECT_EQ(calls, 1);
  std::signal(SIGTERM, old);
  EXPECT_FALSE(SignalGuard().requested());
}

}  // namespace
}  // namespace lrcn::test
