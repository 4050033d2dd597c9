// Captioning runs on a GPU, or on the emulated one, whose copies arrive late: the same run on the
// CPU is the reference.
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/tools/data/temporary_file.h"
#include "tools/data/shapes_writer.h"
#include "tools/train/caption_run.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif

namespace lrcn {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 32;

// Two epochs and a bit with crops, mirrors, two caption lengths and validation.
CaptionRunConfig small_run(const fs::path& folder, const std::string& name) {
  CaptionRunConfig config;
  config.training = {"coco", folder / "captions_train.json", folder, "train"};
  config.validation = {"coco", folder / "captions_val.json", folder, "val"};
  config.min_count = 1;
  config.data.max_words = 24;
  config.model.encoder.architecture = "vgg_mini";
  config.model.encoder.image_size = kSide;
  config.model.encoder.mini = {.width = 2, .hidden = 8, .features = 8};
  config.model.embedding = 8;
  config.model.hidden = 8;
  config.model.dropout = 0.0f;
  config.preprocessing = exact_preprocessing(kSide, kSide);
  config.preprocessing.resize_width = kSide + 5;
  config.preprocessing.resize_height = kSide + 2;
  config.task = {.batch = 3,
                 .buckets = {16, 24},
                 .seed = 3,
                 .random_crop = true,
                 .random_mirror = true,
                 .evaluate_pictures = 5};
  config.trainer.run = folder / name;
  config.trainer.seed = 3;
  config.trainer.steps = 7;
  config.trainer.evaluate_every = 4;
  config.trainer.schedule.base = 0.1;
  return config;
}

class Losses final : public ProgressSink {
 public:
  void step_done(const Progress& progress) override { steps.push_back(progress.loss); }
  void evaluated(std::int64_t, const EvaluationResult& result, bool) override {
    evaluations.push_back(result.find("loss")->value);
  }

  std::vector<double> steps;
  std::vector<double> evaluations;
};

void expect_near(const std::vector<double>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], want[i], 1e-4 * want[i]) << "at " << i;
  }
}

TEST(CaptionRunOnCuda, SeesTheBatchesOfTheCpuAlsoWhenItIsResumed) {
#if LRCN_HAS_CUDA
  const std::string problem = cuda::find_platform().problem;
#else
  const std::string problem = "built without CUDA";
#endif
  if (!problem.empty()) {
    GTEST_SKIP() << problem;
  }
  const fs::path folder = test::fresh_folder();
  write_shapes(folder, {.train = 9, .val = 4, .test = 0});
  const auto run = [&](Device device, const CaptionRunConfig& config, Losses& losses, bool resume,
                       std::int64_t stop_at = -1) {
    Context context(device);
    CaptionRun training(context, config, losses, resume);
    return training.run([&] { return training.state().step == stop_at; });
  };
  Losses expected;
  run(Device::cpu(), small_run(folder, "cpu"), expected, false);
  ASSERT_EQ(expected.steps.size(), 7u);
  ASSERT_EQ(expected.evaluations.size(), 2u);

  Losses got;
  EXPECT_EQ(run(Device::cuda(0), small_run(folder, "cuda"), got, false, 5), Outcome::interrupted);
  EXPECT_EQ(run(Device::cuda(0), small_run(folder, "cuda"), got, true), Outcome::finished);
  expect_near(got.steps, expected.steps);
  expect_near(got.evaluations, expected.evaluations);
}

}  // namespace
}  // namespace lrcn
