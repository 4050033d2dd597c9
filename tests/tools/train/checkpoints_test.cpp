// Checkpoints survive kill -9, full disks and damage. Long because each kind of damage is a case on
// one small run.
#include "tools/train/checkpoints.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "core/buffer.h"
#include "core/error.h"
#include "core/io/file.h"
#include "core/rng.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;
// Without a fault it is the real file system except for fsync, which takes long.
using Fault = FaultyFileSystem::Fault;

// A model whose every number is the step at which it is saved, so that mixtures show.
class Model {
 public:
  explicit Model(std::int64_t elements = 64)
      : weight_(Device::cpu(), {Shape{elements}}), moment_(Device::cpu(), {Shape{elements}}) {}

  CheckpointParts at(std::int64_t step, const FileSystem& files = posix_file_system(),
                     std::optional<BestMetric> best = std::nullopt) {
    fill(float(step));
    return {.state = {.step = step, .batches_per_epoch = 1, .optimizer = "sgd", .best = best},
            .weights = weights(),
            .memory = memory(),
            .write_model_files = [step, &files](const fs::path& folder) {
              write_file_atomically(folder / "config.json", std::to_string(step), files);
            }};
  }

  // Whether everything in the checkpoint is of its step.
  testing::AssertionResult matches(const Checkpoint& checkpoint) {
    fill(-1.0f);
    restore_tensors(checkpoint, weights(), memory());
    std::set<float> found;
    for (const OwnedTensor* owned : {&weight_, &moment_}) {
      const auto values = owned->tensor.span<float>();
      found.insert(values.begin(), values.end());
    }
    const std::int64_t step = checkpoint.state.step;
    if (found != std::set<float>{float(step)} ||
        read_file(checkpoint.folder / "config.json") != std::to_string(step)) {
      return testing::AssertionFailure() << "mixed content in " << checkpoint.folder;
    }
    return testing::AssertionSuccess();
  }

  std::vector<NamedTensor> weights() const { return {{"w", weight_.tensor}}; }
  std::vector<NamedTensor> memory() const { return {{"momentum/w", moment_.tensor}}; }

 private:
  void fill(float value) {
    for (OwnedTensor* owned : {&weight_, &moment_}) {
      std::ranges::fill(owned->tensor.span<float>(), value);
    }
  }

  OwnedTensor weight_;
  OwnedTensor moment_;
};

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

TEST(Checkpoints, AreModelDirectoriesWithLinksToTheLastAndTheBest) {
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 2);
  EXPECT_FALSE(checkpoints.newest().has_value());
  EXPECT_FALSE(fs::exists(folder / "run"));
  const BestMetric best{"loss", 0.5, 7};
  EXPECT_EQ(checkpoints.save(model.at(7, posix_file_system(), best)),
            folder / "run/checkpoints/step-00000007");
  checkpoints.save(model.at(123'456'789, posix_file_system(), best));
  EXPECT_EQ(names_in(folder / "run"), (std::set<std::string>{"best", "checkpoints", "last"}));
  EXPECT_EQ(names_in(folder / "run/checkpoints/step-00000007"),
            (std::set<std::string>{"config.json", "model.safetensors", "optimizer.safetensors",
                                   "trainer.json"}));
  EXPECT_EQ(checkpoints.steps(), (std::vector<std::int64_t>{7, 123'456'789}));
  EXPECT_TRUE(model.matches(open_checkpoint(folder / "run/best")));
  EXPECT_EQ(open_checkpoint(folder / "run/best").state.step, 7);
  EXPECT_EQ(open_checkpoint(folder / "run/last").state.step, 123'456'789);
  EXPECT_EQ(checkpoints.newest().value().state.best, best);
}

TEST(Checkpoints, AreKeptByNumberExceptTheBest) {
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 3);
  for (std::int64_t step = 1; step <= 8; ++step) {
    checkpoints.save(model.at(step, posix_file_system(), BestMetric{"loss", 0.5, 2}));
  }
  EXPECT_EQ(checkpoints.steps(), (std::vector<std::int64_t>{2, 6, 7, 8}));
  checkpoints.save(model.at(9, posix_file_system(), BestMetric{"loss", 0.4, 9}));
  EXPECT_EQ(checkpoints.steps(), (std::vector<std::int64_t>{7, 8, 9}));
  EXPECT_EQ(names_in(folder / "run/checkpoints").size(), 3u);
}

TEST(Checkpoints, OfTheSameStepAreReplaced) {
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 3);
  checkpoints.save(model.at(5));
  CheckpointParts again = model.at(5);
  again.state.skipped = 4;
  checkpoints.save(again);
  EXPECT_EQ(checkpoints.steps(), std::vector<std::int64_t>{5});
  EXPECT_EQ(checkpoints.newest().value().state.skipped, 4);
}

TEST(Checkpoints, AreWholeWhereverAProcessIsKilledWhileSaving) {
  for (const bool can_exchange : {true, false}) {
    for (const std::int64_t next : {2, 1}) {  // a further checkpoint, and the same one again
      bool killed = true;
      std::size_t at = 0;
      for (; killed; ++at) {
        const TemporaryFolder folder;
        Model model;
        const FaultyFileSystem sound;
        const Checkpoints checkpoints(folder / "run", 1, sound);
        checkpoints.save(model.at(1, sound));
        FaultyFileSystem files;
        files.can_exchange = can_exchange;
        files.fault = Fault::kill;
        files.at = at;
        killed =
            is_killed([&] { Checkpoints(folder / "run", 1, files).save(model.at(next, files)); });
        const Checkpoint checkpoint = checkpoints.newest().value();
        ASSERT_TRUE(model.matches(checkpoint)) << "killed at call " << at;
        EXPECT_TRUE(checkpoint.state.step == 1 || checkpoint.state.step == next);
        // The next process cleans up and goes on.
        checkpoints.continue_from(checkpoint.state);
        ASSERT_EQ(checkpoints.steps(), std::vector<std::int64_t>{checkpoint.state.step});
        EXPECT_EQ(names_in(folder / "run/checkpoints").size(), 1u) << "killed at call " << at;
        EXPECT_EQ(open_checkpoint(folder / "run/last").state.step, checkpoint.state.step);
        checkpoints.save(model.at(3, sound));
        ASSERT_TRUE(model.matches(checkpoints.newest().value()));
      }
      EXPECT_GT(at, 15u);
    }
  }
}

TEST(Checkpoints, AreWholeAfterAKillAtAnyMoment) {
  const Random random(2024, Purpose::generate);
  for (std::uint64_t round = 0; round < 12; ++round) {
    const TemporaryFolder folder;
    Model model(50'000);
    int pipes[2] = {};
    ASSERT_EQ(::pipe(pipes), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const FaultyFileSystem sound;
      const Checkpoints checkpoints(folder / "run", 2, sound);
      for (std::int64_t step = 1;; ++step) {
        checkpoints.save(model.at(step, sound));
        if (::write(pipes[1], "s", 1) != 1) {
          ::_exit(1);
        }
      }
    }
    // After some checkpoints, and after work of random length while the next ones are written. The
    // length decides only which moment is tested.
    const std::uint32_t saved = 1 + random.below(4, round, 0);
    for (std::uint32_t i = 0; i < saved; ++i) {
      char byte = 0;
      ASSERT_EQ(::read(pipes[0], &byte, 1), 1);
    }
    const std::uint32_t work = random.below(3'000'000, round, 1);
    for (std::atomic<std::uint32_t> spent = 0; spent.fetch_add(1) < work;) {
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    ::close(pipes[0]);
    ::close(pipes[1]);

    const Checkpoints checkpoints(folder / "run", 2);
    const Checkpoint checkpoint = checkpoints.newest().value();
    EXPECT_GE(checkpoint.state.step, saved);
    ASSERT_TRUE(model.matches(checkpoint));
    checkpoints.continue_from(checkpoint.state);
    for (const std::int64_t step : checkpoints.steps()) {
      EXPECT_TRUE(model.matches(open_checkpoint(checkpoints.folder_of(step))));
    }
    EXPECT_LE(names_in(folder / "run/checkpoints").size(), 2u);
    EXPECT_TRUE(model.matches(open_checkpoint(folder / "run/last")));
  }
}

TEST(Checkpoints, StayWholeWhenAnyCallFails) {
  for (const int code : {ENOSPC, EIO, EROFS}) {
    bool failed = true;
    for (std::size_t at = 0; failed; ++at) {
      const TemporaryFolder folder;
      Model model;
      const FaultyFileSystem sound;
      const Checkpoints checkpoints(folder / "run", 1, sound);
      checkpoints.save(model.at(1, sound));
      FaultyFileSystem files;
      files.fault = Fault::error;
      files.code = code;
      files.at = at;
      const std::string message = message_of<IoError>(
          [&] { Checkpoints(folder / "run", 1, files).save(model.at(2, files)); });
      failed = files.log.size() > at;
      if (failed) {
        // Some calls may fail without harm (the fsync of a folder on some file systems).
        EXPECT_TRUE(message == "no error" ||
                    message.find(std::generic_category().message(code)) != std::string::npos)
            << "call " << at << ": " << message;
        EXPECT_EQ(files.open_files, 0);
      }
      const Checkpoint checkpoint = checkpoints.newest().value();
      ASSERT_TRUE(model.matches(checkpoint)) << "call " << at;
      EXPECT_FALSE(fs::exists(folder / "run/checkpoints/.step-00000002.tmp"));
      checkpoints.continue_from(checkpoint.state);
      EXPECT_EQ(names_in(folder / "run/checkpoints").size(), 1u);
    }
  }
}

TEST(Checkpoints, ReportAFolderThatCannotBeMade) {
  const TemporaryFolder folder;
  Model model;
  write_file_atomically(folder / "run", "a file in the place of the folder");
  EXPECT_TRUE(
      throws_with<IoError>("run", [&] { Checkpoints(folder / "run", 1).save(model.at(1)); }));
  EXPECT_TRUE(throws_with<IoError>("run", [&] { Checkpoints(folder / "run", 1).newest(); }));
}

TEST(Checkpoints, ReportAFolderThatIsReadOnly) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "nothing is read-only to root";
  }
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 1);
  checkpoints.save(model.at(1));
  fs::permissions(folder / "run/checkpoints", fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(throws_with<IoError>("Permission denied", [&] { checkpoints.save(model.at(2)); }));
  fs::permissions(folder / "run/checkpoints", fs::perms::owner_all);
  EXPECT_TRUE(model.matches(checkpoints.newest().value()));
}

TEST(Checkpoints, ThatAreDamagedArePassedOver) {
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 9);
  for (std::int64_t step = 1; step <= 6; ++step) {
    checkpoints.save(model.at(step));
  }
  fs::resize_file(checkpoints.folder_of(6) / "model.safetensors", 100);
  fs::remove(checkpoints.folder_of(5) / "config.json");
  fs::remove(checkpoints.folder_of(4) / "trainer.json");
  fs::resize_file(checkpoints.folder_of(3) / "trainer.json", 40);
  std::vector<std::string> notices;
  const auto notice = [&](std::string_view text) { notices.emplace_back(text); };
  const Checkpoint checkpoint = checkpoints.newest(notice).value();
  EXPECT_EQ(checkpoint.state.step, 2);
  ASSERT_EQ(notices.size(), 4u);
  EXPECT_NE(notices[0].find("model.safetensors must have"), std::string::npos) << notices[0];
  EXPECT_NE(notices[1].find("config.json cannot be read"), std::string::npos) << notices[1];
  checkpoints.continue_from(checkpoint.state, notice);
  EXPECT_EQ(notices.size(), 8u);
  EXPECT_EQ(checkpoints.steps(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(fs::exists(folder / "run/checkpoints/abandoned-step-00000006"));
  EXPECT_EQ(open_checkpoint(folder / "run/last").state.step, 2);
}

TEST(Checkpoints, ThatAreAllDamagedAreAnError) {
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 2);
  checkpoints.save(model.at(1));
  fs::resize_file(checkpoints.folder_of(1) / "optimizer.safetensors", 8);
  EXPECT_TRUE(throws_with<DataError>("optimizer.safetensors must have",
                                     [&] { (void)checkpoints.newest(); }));
}

TEST(Checkpoints, IgnoreOtherFolders) {
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 1);
  checkpoints.save(model.at(1));
  for (const char* name : {"step-1", "step-", "step-0000001x", "step-000000002", "notes",
                           "step-99999999999999999999"}) {
    fs::create_directory(folder / "run/checkpoints" / name);
  }
  EXPECT_EQ(checkpoints.steps(), std::vector<std::int64_t>{1});
  checkpoints.save(model.at(2));
  EXPECT_TRUE(fs::exists(folder / "run/checkpoints/notes"));
}

TEST(Checkpoints, OfAnotherModelChangeNothing) {
  const TemporaryFolder folder;
  Model model;
  const Checkpoints checkpoints(folder / "run", 1);
  checkpoints.save(model.at(1));
  const Checkpoint checkpoint = checkpoints.newest().value();
  const OwnedTensor larger(Device::cpu(), {Shape{65}});
  const auto restore = [&](const NamedTensor& weight, const NamedTensor& memory) {
    restore_tensors(checkpoint, std::span(&weight, 1), std::span(&memory, 1));
  };
  model.at(99);
  const NamedTensor weight = model.weights()[0];
  const NamedTensor memory = model.memory()[0];
  EXPECT_TRUE(throws_with<DataError>("tensor \"v\" is missing", [&] {
    restore({"v", weight.tensor}, memory);
  }));
  EXPECT_TRUE(throws_with<DataError>("\"w\" must have the shape [65], got [64]", [&] {
    restore({"w", larger.tensor}, memory);
  }));
  EXPECT_TRUE(throws_with<DataError>("\"mean_square/w\" is missing", [&] {
    restore(weight, {"mean_square/w", memory.tensor});
  }));
  EXPECT_EQ(weight.tensor.span<float>()[0], 99.0f);
  EXPECT_EQ(memory.tensor.span<float>()[0], 99.0f);
}

TEST(Checkpoints, KeepAtLeastOne) { EXPECT_THROW(Checkpoints("run", 0), ArgumentError); }

}  // namespace
}  // namespace lrcn::test
