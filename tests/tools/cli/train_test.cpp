// `lrcn train` as a person runs it: signals, resuming, and everything that is refused.
#include <gtest/gtest.h>

#include <csignal>

#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tools/data/shapes_writer.h"
#include "tools/train/checkpoints.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = R"([data]
recipe = "exact"
min_count = 1
max_words = 24
[data.train]
captions = "data/captions_train.json"
images = "data"
[model]
embedding = 8
hidden = 8
[model.encoder]
architecture = "vgg_mini"
image_size = 64
width = 1
hidden = 8
features = 8
[train]
batch = 2
steps = 2
)";

class Train : public testing::Test {
 protected:
  Train() {
    write_shapes(folder_ / "data", {.train = 4, .val = 1, .test = 1});
    write_file_atomically(folder_ / "small.toml", kConfig);
    options_.folder = folder_.path();
    options_.environment = {{"XDG_CACHE_HOME", folder_ / "cache"}};
  }

  RunResult train(std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {"train", "small.toml"});
    return run_lrcn(flags, options_);
  }

  TemporaryFolder folder_;
  fs::path run_ = folder_ / "runs/small";
  RunOptions options_;
};

TEST_F(Train, PrintsTheFolderOfTheNewestCheckpoint) {
  const RunResult result = train();
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, (run_ / "last").lexically_normal().string() + '\n');
  EXPECT_EQ(Checkpoints(run_, 1).newest()->state.step, 2);
}

TEST_F(Train, SavesWhenItIsInterruptedAndGoesOnWhenItIsResumed) {
  options_.signal = SIGINT;
  options_.signal_file = run_ / "last";
  const RunResult stopped = train({"--set", "train.steps=1000000", "--set", "train.save_every=1"});
  ASSERT_EQ(stopped.code, 75) << stopped.err;
  EXPECT_EQ(stopped.out, "");
  EXPECT_NE(stopped.err.find("continue with --resume"), std::string::npos) << stopped.err;
  const std::int64_t step = Checkpoints(run_, 1).newest()->state.step;
  options_.signal = 0;
  const RunResult resumed = train({"--resume", "--set", "train.steps=" + std::to_string(step + 1)});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(Checkpoints(run_, 1).newest()->state.step, step + 1);
}

TEST_F(Train, LeavesARunThatIsThereAsItIs) {
  ASSERT_EQ(train().code, 0);
  const std::string config = read_file(run_ / "config.toml");
  const std::string metrics = read_file(run_ / "metrics.jsonl");
  const RunResult again = train({"--set", "schedule.learning_rate=0.5"});
  EXPECT_EQ(again.code, 2);
  EXPECT_NE(again.err.find("holds checkpoints of a run up to step 2"), std::string::npos)
      << again.err;
  EXPECT_EQ(read_file(run_ / "config.toml"), config);
  EXPECT_EQ(read_file(run_ / "metrics.jsonl"), metrics);
}

TEST_F(Train, RefusesToResumeOtherTraining) {
  ASSERT_EQ(train().code, 0);
  const std::string config = read_file(run_ / "config.toml");
  for (const char* set : {"train.seed=2", "model.hidden=9", "optimizer.type=adam", "train.batch=3",
                          "data.recipe=torchvision"}) {
    const RunResult result = train({"--resume", "--set", set});
    EXPECT_EQ(result.code, 65) << set << result.err;
    EXPECT_NE(result.err.find("step-00000002"), std::string::npos) << result.err;
  }
  EXPECT_EQ(read_file(run_ / "config.toml"), config);
}

TEST_F(Train, RefusesWhatMakesNoSenseBeforeItBegins) {
  struct Case {
    std::vector<std::string> flags;
    int code;
    const char* part;
  };
  write_file_atomically(folder_ / "file", "");
  for (const Case& each : std::vector<Case>{
           {{"--set", "train.stpes=5"}, 2, "did you mean train.steps?"},
           {{"--set", "train.steps=many"}, 2, "train.steps: expected an integer, got \"many\""},
           {{"--set", "train.steps"}, 2, "key=value"},
           {{"--set", "train.best_metric=cidre"}, 2, "did you mean cider?"},
           {{"--set", "data.train.captions=absent.json"}, 66, "absent.json"},
           {{"--set", "data.train.captions=data"}, 74, "data"},
           {{"--set", "data.train.images=elsewhere"}, 66, "elsewhere"},
           {{"--set", "model.encoder.weights=absent.safetensors"}, 66, "absent.safetensors"},
           {{"--set", "model.freeze=['encdoer.*']"}, 2, "no parameter has a name like 'encdoer.*'"},
           {{"--set", "schedule.type=cosine", "--set", "schedule.floor=1"}, 2, "floor"},
           {{"--threads", "-1"}, 2, "--threads: expected 0 to 1024, got -1"},
           {{"--threads", "5000000000"}, 2, "--threads: expected 0 to 1024, got 5000000000"},
           {{"--resum"}, 2, "did you mean --resume?"},
           {{"--device", "cuda:93"}, 70, "cuda:93"},
           {{"--precision", "bf16"}, 2, "--device cuda"},
           {{"--out", "file"}, 74, "file"},
           {{"--out", "file/run"}, 74, "file/run"}}) {
    const RunResult result = train(each.flags);
    EXPECT_EQ(result.code, each.code) << each.part << result.err;
    EXPECT_NE(result.err.find(each.part), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(run_lrcn({"train", "absent.toml"}, options_).code, 66);
  EXPECT_EQ(run_lrcn({"train"}, options_).code, 2);
  EXPECT_FALSE(fs::exists(run_ / "config.toml"));
}

}  // namespace
}  // namespace lrcn::test
