// Captioning runs as a whole: exact resume and what a configuration refuses.
#include "tools/train/caption_run.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/safetensors.h"
#include "kernels/algorithm_choices.h"
#include "tests/tools/data/temporary_file.h"
#include "tests/tools/train/small_run.h"
#include "tools/data/shapes_writer.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

// A run of a few small steps on shapes in `folder`.
CaptionRunConfig small_run(const fs::path& folder, const std::string& name) {
  if (!fs::exists(folder / "data")) {
    write_shapes(folder / "data", {.train = 24, .val = 6, .test = 0});
  }
  CaptionRunConfig config;
  config.training = {"coco", folder / "data/captions_train.json", folder / "data", "train"};
  config.validation = {"coco", folder / "data/captions_val.json", folder / "data", "val"};
  config.min_count = 1;
  config.data.max_words = 24;
  config.model.encoder.architecture = "vgg_mini";
  config.model.encoder.image_size = 64;
  config.model.encoder.mini = {.width = 4, .hidden = 16, .features = 16};
  config.model.embedding = 12;
  config.model.hidden = 16;
  config.model.dropout = 0.2f;
  config.preprocessing = exact_preprocessing(64, 64);
  config.optimizer = "adam";
  config.task.batch = 8;
  config.task.buckets = {16, 24};
  config.task.random_mirror = true;
  config.trainer.run = folder / name;
  config.trainer.seed = config.task.seed = 3;
  config.trainer.steps = 20;
  config.trainer.schedule.base = 0.003;
  return config;
}

// Runs of one test share what was measured, as runs of the command line do: algorithms round
// differently.
struct Runner {
  AlgorithmChoices::Entries algorithms;

  Outcome operator()(const CaptionRunConfig& config, bool resume, std::int64_t stop_at = -1) {
    Context context(Device::cpu());
    context.handle<AlgorithmChoices>().load(algorithms);
    ProgressSink quiet;
    CaptionRun training(context, config, quiet, resume);
    algorithms = context.handle<AlgorithmChoices>().entries();
    return training.run([&] { return training.state().step == stop_at; });
  }
};

TEST(CaptionRun, ResumedInTheMiddleOfAnEpochGivesTheSameBits) {
  Runner run;
  const fs::path folder = test::fresh_folder();
  const CaptionRunConfig whole = small_run(folder, "whole");
  EXPECT_EQ(run(whole, false), Outcome::finished);
  CaptionRunConfig parts = small_run(folder, "parts");
  EXPECT_EQ(run(parts, false, 10), Outcome::interrupted);
  parts.task.threads = 3;  // the number of loader threads must not matter
  parts.task.prefetch = 7;
  EXPECT_EQ(run(parts, true), Outcome::finished);
  for (const char* file : {"model.safetensors", "optimizer.safetensors", "vocab.txt"}) {
    EXPECT_TRUE(read_file(whole.trainer.run / "last" / file) ==
                read_file(parts.trainer.run / "last" / file))
        << file;  // the bytes themselves are nothing to print
  }
}

TEST(CaptionRun, RefusesACheckpointOfAnotherModel) {
  Runner run;
  const fs::path folder = test::fresh_folder();
  CaptionRunConfig config = small_run(folder, "run");
  config.trainer.steps = 1;
  run(config, false);
  config.trainer.steps = 2;
  CaptionRunConfig other = config;
  other.model.hidden = 20;
  EXPECT_THROW(run(other, true), DataError);
  other = config;
  other.model.variant = "4f";
  EXPECT_THROW(run(other, true), DataError);
  EXPECT_THROW(run(config, false), ArgumentError);  // would overwrite
  EXPECT_EQ(run(config, true), Outcome::finished);
}

TEST(CaptionRun, RefusesACheckpointOfPicturesPreparedInAnotherWay) {
  Runner run;
  CaptionRunConfig config = small_run(test::fresh_folder(), "run");
  config.trainer.steps = 1;
  run(config, false);
  config.trainer.steps = 2;
  CaptionRunConfig other = config;
  other.preprocessing = torchvision_preprocessing(64, 73);
  const std::string message = test::message_of<DataError>([&] { run(other, true); });
  EXPECT_NE(message.find("shortest_edge"), std::string::npos) << message;
  EXPECT_EQ(run(config, true), Outcome::finished);
}

TEST(CaptionRun, WritesTheLengthOfCaptionsThatItWasResumedWith) {
  Runner run;
  CaptionRunConfig config = small_run(test::fresh_folder(), "run");
  config.trainer.steps = 1;
  run(config, false);
  config.trainer.steps = 2;
  config.data.max_words = 30;
  config.task.buckets.push_back(30);
  run(config, true);
  EXPECT_EQ(read_captioner_folder(config.trainer.run / "last").search.max_words, 30);
}

TEST(CaptionRun, IsAloneInItsFolderAndSaysWhenThereIsNothingToResume) {
  const fs::path folder = test::fresh_folder();
  const CaptionRunConfig config = small_run(folder, "run");
  Context context(Device::cpu());
  test::RecordingSink sink;
  const CaptionRun first(context, config, sink, true);
  ASSERT_EQ(sink.notices.size(), 1u);
  EXPECT_NE(sink.notices[0].find("there is no checkpoint in"), std::string::npos);
  const std::string message =
      test::message_of<ArgumentError>([&] { CaptionRun(context, config, sink, true); });
  EXPECT_NE(message.find("another training is at work"), std::string::npos) << message;
}

TEST(CaptionRun, EvaluatesWhatItsListsOfMetricsSay) {
  CaptionRunConfig config = small_run(test::fresh_folder(), "run");
  config.trainer.steps = config.trainer.evaluate_every = 1;
  Context context(Device::cpu());
  test::RecordingSink sink;
  CaptionRun(context, config, sink, false).run({});
  std::vector<std::string> expected = word_metrics();
  expected.insert(expected.end(), caption_metrics().begin(), caption_metrics().end());
  EXPECT_EQ(sink.metrics, expected);
}

TEST(CaptionRun, NamesPicturesThatAreAbsentAndGoesOnWithoutThemWhenAsked) {
  Runner run;
  const fs::path folder = test::fresh_folder();
  CaptionRunConfig config = small_run(folder, "run");
  fs::remove(folder / "data/train/000005.png");
  config.trainer.steps = 4;
  const std::string message = test::message_of<NotFoundError>([&] { run(config, false); });
  EXPECT_NE(message.find("000005.png"), std::string::npos) << message;
  config.data.pictures.on_bad = BadPolicy::skip;
  Context context(Device::cpu());
  ProgressSink quiet;
  config.trainer.steps = 15;  // a whole epoch
  CaptionRun lenient(context, config, quiet, false);
  EXPECT_EQ(lenient.run({}), Outcome::finished);
  ASSERT_EQ(lenient.bad_pictures().size(), 1u);
  EXPECT_NE(lenient.bad_pictures()[0].find("000005.png"), std::string::npos);
}

TEST(CaptionRun, FreezesTheEncoderAndTakesWeightsFromAFile) {
  Runner run;
  const fs::path folder = test::fresh_folder();
  CaptionRunConfig first = small_run(folder, "first");
  first.trainer.steps = 2;
  run(first, false);
  CaptionRunConfig second = small_run(folder, "second");
  second.trainer.steps = 3;
  second.trainer.seed = second.task.seed = 99;  // other first values, but for the encoder
  second.weights = first.trainer.run / "last" / "model.safetensors";
  second.freeze = {"encoder.*"};
  run(second, false);
  const SafetensorsFile one = SafetensorsFile::open(second.weights);
  const SafetensorsFile two =
      SafetensorsFile::open(second.trainer.run / "last" / "model.safetensors");
  for (const StoredTensor& tensor : one.tensors()) {
    const auto same = [&] {
      const auto& other = two.at(tensor.name).bytes;
      return std::equal(tensor.bytes.begin(), tensor.bytes.end(), other.begin(), other.end());
    }();
    EXPECT_EQ(same, tensor.name.starts_with("encoder.")) << tensor.name;
  }
}

}  // namespace
}  // namespace lrcn
