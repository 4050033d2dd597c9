#include <gtest/gtest.h>

#include "core/io/file.h"
#include "core/io/safetensors.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/test_data.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tests/tools/cli/small_model.h"
#include "tools/train/checkpoints.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

class Inspect : public testing::Test {
 protected:
  void SetUp() override { write_small_model(model_); }

  static RunResult inspect(const fs::path& path, std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"inspect", path.string()});
    return run_lrcn(flags);
  }

  // A run with one checkpoint of the small model.
  fs::path write_run() const {
    const fs::path run = folder_ / "run";
    std::vector<float> values = {1.0f};
    TrainerState state;
    state.step = 40;
    state.updates = 39;
    state.skipped = 1;
    state.batches_per_epoch = 10;
    state.seed = 7;
    state.optimizer = "adam";
    state.best = BestMetric{"cider", 1.25, 40};
    const Tensor tensor{values.data(), {{1}}, Device::cpu()};
    Checkpoints(run, 1).save({.state = state,
                              .weights = {{"w", tensor}},
                              .memory = {{"m", tensor}},
                              .write_model_files = [&](const fs::path& target) {
                                for (const auto& each : fs::directory_iterator(model_)) {
                                  if (each.path().filename() != "model.safetensors") {
                                    fs::copy(each.path(), target);
                                  }
                                }
                              }});
    write_file_atomically(
        run / "metrics.jsonl",
        R"({"kind":"train","step":40,"epoch":4,"loss":1.5,"lr":0.1,"examples_per_second":20.0}
{"kind":"validation","step":40,"epoch":4,"metrics":{"cider":1.25},"best":true}
)");
    return run;
  }

  // All of `parts` stand in the output.
  static void expect_parts(const RunResult& result, const std::vector<std::string>& parts) {
    EXPECT_EQ(result.code, 0) << result.err;
    for (const std::string& part : parts) {
      EXPECT_NE(result.out.find(part), std::string::npos) << part << " is not in\n" << result.out;
    }
  }

  TemporaryFolder folder_;
  fs::path model_ = folder_ / "model";
};

TEST_F(Inspect, ShowsConfigurationParametersVocabularyAndLayersOfAModel) {
  expect_parts(inspect(model_),
               {"vgg_mini", "2f, 2 LSTM layers", "12 words: <eos> <unk>", "encoder.features",
                "decoder.lstm1", "all", "encoder.classifier.2", "decoder.output", "f32"});
}

TEST_F(Inspect, ShowsTheMemoryPlanOfBothPhases) {
  const RunResult captioning = inspect(model_, {"--memory", "--batch", "2"});
  expect_parts(captioning, {"encoding 2 pictures", "arena", "lower limit", "without sharing"});
  const RunResult training = inspect(model_, {"--memory", "--batch", "3", "--phase", "train"});
  expect_parts(training, {"training on 3 captions of 6 words", "arena", "gradient"});
}

TEST_F(Inspect, ShowsEveryTensorWhenAsked) {
  EXPECT_EQ(inspect(model_).out.find("decoder.output.bias"), std::string::npos);
  expect_parts(inspect(model_, {"--tensors"}), {"decoder.output.bias", "[12]", "F32"});
}

TEST_F(Inspect, ShowsASafetensorsFile) {
  const std::vector<float> values(6, 1.0f);
  const std::vector<StoredTensor> tensors = {{.name = "a.b.weight",
                                              .dtype = StoredDType::F32,
                                              .shape = {2, 3},
                                              .bytes = std::as_bytes(std::span(values))}};
  const fs::path file = folder_ / "some.safetensors";
  write_safetensors(file, tensors, {{"format", "pt"}});
  expect_parts(inspect(file, {"--tensors"}), {"format = pt", "a.b.weight", "[2,3]", "24 B"});
  fs::resize_file(file, fs::file_size(file) - 1);
  EXPECT_EQ(inspect(file).code, 65);
}

TEST_F(Inspect, ShowsNamesThatATerminalWouldObey) {
  const std::vector<float> values(1, 1.0f);
  const std::vector<StoredTensor> tensors = {{.name = "a\x1b[31m.b",
                                              .dtype = StoredDType::F32,
                                              .shape = {1},
                                              .bytes = std::as_bytes(std::span(values))}};
  const fs::path file = folder_ / "odd.safetensors";
  write_safetensors(file, tensors, {{"k\n", "\x7f"}});
  const RunResult result = inspect(file, {"--tensors"});
  expect_parts(result, {"k\\n = \\x7f", "a\\x1b[31m.b"});
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
}

TEST_F(Inspect, ReadsAFileOfAnotherProgram) {
  const fs::path file = test_data("safetensors/serialize_f32_attn0.safetensors");
  LRCN_SKIP_WITHOUT(file);
  expect_parts(inspect(file, {"--tensors"}), {"attn.0", "F32"});
}

TEST_F(Inspect, ShowsARun) {
  const fs::path run = write_run();
  expect_parts(inspect(run), {"step 40", "last best", "loss 1.5000", "cider 1.2500"});
  fs::resize_file(run / "last/optimizer.safetensors", 3);
  expect_parts(inspect(run), {"damaged", "optimizer.safetensors"});
}

TEST_F(Inspect, ShowsWhereTheTrainingOfACheckpointStands) {
  const fs::path checkpoint = write_run() / "last";
  EXPECT_EQ(inspect(checkpoint).code, 65);  // its weights are of no captioner
  fs::copy_file(model_ / "model.safetensors", checkpoint / "model.safetensors",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(inspect(checkpoint).code, 65);  // and now of another length than trainer.json says
  replace_in_file(
      checkpoint / "trainer.json", "\"model.safetensors\": 100",
      "\"model.safetensors\": " + std::to_string(fs::file_size(checkpoint / "model.safetensors")));
  expect_parts(inspect(checkpoint), {"39 changed the parameters", "1 skipped", "adam",
                                     "cider 1.2500 at step 40", "vgg_mini"});
}

TEST_F(Inspect, RefusesWeightsThatDoNotFit) {
  replace_in_file(model_ / "config.json", "\"hidden_size\": 16", "\"hidden_size\": 24");
  const RunResult result = inspect(model_);
  EXPECT_EQ(result.code, 65);
  EXPECT_NE(result.err.find("model.safetensors"), std::string::npos) << result.err;
}

TEST_F(Inspect, TellsWhatItCannotInspect) {
  EXPECT_EQ(inspect(folder_ / "absent").code, 66);
  EXPECT_EQ(inspect(folder_.path()).code, 66);
  EXPECT_EQ(inspect(model_ / "vocab.txt").code, 65);
  EXPECT_EQ(run_lrcn({"inspect"}).code, 2);
  EXPECT_EQ(inspect(model_, {"--phase", "play"}).code, 2);
  EXPECT_EQ(inspect(model_, {"--batch", "0"}).code, 2);
  const RunResult unknown = inspect(model_, {"--memori"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("--memory"), std::string::npos) << unknown.err;
}

TEST_F(Inspect, ReportsAFullDisk) {
  RunOptions options;
  options.out = RunOptions::Out::full_disk;
  EXPECT_EQ(run_lrcn({"inspect", model_.string()}, options).code, 74);
}

}  // namespace
}  // namespace lrcn::test
