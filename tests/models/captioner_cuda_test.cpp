// The captioner on a GPU, or on the emulated one: the same model on the CPU is the reference.
#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"
#include "core/transfer.h"
#include "layers/graph/program.h"
#include "layers/optim/adam.h"
#include "layers/optim/clip.h"
#include "layers/optim/gradients.h"
#include "models/decode/caption_decoder.h"
#include "tests/models/small_captioner.h"

namespace lrcn {
namespace {

constexpr std::int64_t kSteps = 5;
constexpr std::int64_t kBatch = 3;

std::vector<float> random_floats(std::int64_t count, std::uint64_t which) {
  std::vector<float> values(static_cast<std::size_t>(count));
  const Random random(7, Purpose::generate, which);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 2.0f * random.uniform(0, i) - 1.0f;
  }
  return values;
}

void give(const Tensor& tensor, const std::vector<float>& values) {
  ASSERT_EQ(tensor.elements(), std::int64_t(values.size()));
  upload(tensor, values.data());
}

// Captions of 4, 3 and 2 words with their ends; what lies behind an end is ignored.
void give_batch(const Program& program, const CaptionerTraining& training, std::int64_t lead,
                std::uint64_t which = 1) {
  std::vector<std::int32_t> ids(kSteps * kBatch, 0);
  std::vector<std::int32_t> targets((lead + kSteps) * kBatch, kIgnoredTarget);
  std::vector<float> cont((lead + kSteps) * kBatch, 0.0f);
  const Random random(3, Purpose::generate, which);
  for (std::int64_t n = 0; n < kBatch; ++n) {
    const std::int64_t words = 4 - n;
    for (std::int64_t t = 0; t <= words; ++t) {
      const auto word = std::int32_t(2 + random.below(35, std::uint64_t(n), std::uint64_t(t)));
      targets[std::size_t((lead + t) * kBatch + n)] = t < words ? word : kEndOfSentence;
      if (t < words) {
        ids[std::size_t((t + 1) * kBatch + n)] = word;
      }
    }
    for (std::int64_t t = 1; t <= lead + words; ++t) {
      cont[std::size_t(t * kBatch + n)] = 1.0f;
    }
  }
  upload(program.value(training.input_ids), ids.data());
  upload(program.value(training.targets), targets.data());
  give(program.value(training.cont), cont);
  give(program.value(training.images),
       random_floats(program.value(training.images).elements(), which));
}

// What one training step leaves behind.
struct StepResult {
  float loss = 0.0f;
  float norm = 0.0f;
  std::vector<std::string> names;
  std::vector<std::vector<float>> gradients, values;
};

StepResult train_one_step(Device device, const CaptionerConfig& config,
                          Precision precision = Precision::f32) {
  Context context(device);
  context.set_precision(precision);
  ParamStore params(device, 5);
  const CaptionerTraining training = build_training(config, kSteps, kBatch);
  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = {training.loss};
  options.seeds = {training.loss};
  options.poison = true;
  Program program = Program::compile(context, training.graph, params, options);
  give_batch(program, training, config.lead_steps());
  Adam adam;
  GradientClip clip(device, {ClipOptions::Kind::norm, 0.5f});
  context.set_step_state({.learning_rate = 0.01f});
  zero_gradients(context, params);
  program.forward(context);
  program.backward(context);
  StepResult result;
  clip.apply(context, params);
  adam.step(context, params);
  result.norm = clip.norm(context);
  download(&result.loss, program.value(training.loss));
  for (int i = 0; i < int(params.entries().size()); ++i) {
    result.names.push_back(params.entries()[std::size_t(i)].name);
    result.values.push_back(params.get_value(i));
    result.gradients.emplace_back(result.values.back().size());
    download(result.gradients.back().data(), params.gradient(i));
  }
  return result;
}

// The largest |a - b| over the largest |b|.
double relative_error(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(double(a[i]) - double(b[i])));
    largest = std::max(largest, std::abs(double(b[i])));
    if (!std::isfinite(a[i])) {
      return INFINITY;
    }
  }
  return difference / std::max(largest, 1e-30);
}

class CaptionerOnCuda : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    try {
      const Context context(Device::cuda(0));
    } catch (const DeviceError& error) {
      GTEST_SKIP() << error.what();
    }
  }
};

TEST_P(CaptionerOnCuda, TakesTheTrainingStepOfTheCpu) {
  const CaptionerConfig config = test::small_captioner(GetParam());
  const StepResult expected = train_one_step(Device::cpu(), config);
  const StepResult got = train_one_step(Device::cuda(0), config);
  EXPECT_NEAR(got.loss, expected.loss, 1e-5 * expected.loss);
  EXPECT_NEAR(got.norm, expected.norm, 1e-4 * expected.norm);
  ASSERT_EQ(got.names, expected.names);
  for (std::size_t i = 0; i < got.names.size(); ++i) {
    EXPECT_LT(relative_error(got.gradients[i], expected.gradients[i]), 1e-4) << got.names[i];
    // The first step of Adam is lr * sign(gradient) nearly everywhere: compare what it is sure of.
    for (std::size_t j = 0; j < got.values[i].size(); ++j) {
      if (std::abs(expected.gradients[i][j]) > 1e-5f) {
        ASSERT_NEAR(got.values[i][j], expected.values[i][j], 1e-4)
            << got.names[i] << '[' << j << ']';
      }
    }
  }
}

// Losses of some steps with other batches, dropout and learning rates each, and the parameters
// behind them.
struct Course {
  std::vector<float> losses;
  std::vector<std::vector<float>> values;
  friend bool operator==(const Course&, const Course&) = default;
};

Course train_some_steps(const CaptionerConfig& config, const std::string& frozen, bool recorded) {
  Context context(Device::cuda(0));
  ParamStore params(context.device(), 5);
  params.freeze(frozen);
  const CaptionerTraining training = build_training(config, kSteps, kBatch);
  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = options.seeds = {training.loss};
  Program program = Program::compile(context, training.graph, params, options);
  Adam adam;
  GradientClip clip(context.device(), {ClipOptions::Kind::norm, 0.5f});
  RepeatedWork work;
  int given = 0;
  Course course;
  for (std::uint64_t step = 0; step < 5; ++step) {
    give_batch(program, training, config.lead_steps(), step);
    context.set_step_state({.seed = 3, .step = step, .learning_rate = 0.01f / float(step + 1)});
    const auto give_step = [&] {
      ++given;
      zero_gradients(context, params);
      program.forward(context);
      program.backward(context);
      clip.apply(context, params);
      adam.step(context, params);
    };
    if (recorded) {
      work.give_to(context, program.revision(), give_step);
      params.touch_trainable();
    } else {
      give_step();
    }
    context.synchronize();
    download(&course.losses.emplace_back(), program.value(training.loss));
  }
  EXPECT_EQ(given, recorded ? 2 : 5);
  for (int i = 0; i < int(params.entries().size()); ++i) {
    course.values.push_back(params.get_value(i));
  }
  return course;
}

TEST_P(CaptionerOnCuda, RepeatsARecordedStepBitForBit) {
  CaptionerConfig config = test::small_captioner(GetParam());
  config.dropout = 0.3f;
  for (const std::string frozen : {"", "encoder.*"}) {
    const Course expected = train_some_steps(config, frozen, false);
    EXPECT_NE(expected.losses[3], expected.losses[4]);
    EXPECT_EQ(train_some_steps(config, frozen, true), expected) << frozen;
  }
}

// 1 - cosine of the angle between two gradients: 0 for the same direction, 1 for none in common.
double distance_of_directions(const std::vector<float>& a, const std::vector<float>& b) {
  double products = 0.0;
  double squares_a = 0.0;
  double squares_b = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    products += double(a[i]) * double(b[i]);
    squares_a += double(a[i]) * double(a[i]);
    squares_b += double(b[i]) * double(b[i]);
  }
  return 1.0 - products / std::sqrt(std::max(squares_a * squares_b, 1e-60));
}

// Factors of 11 and 8 significant bits keep the loss and the direction of every gradient. Those of
// the encoder may turn a little: with three pictures, one ReLU or maximum that tips over shows.
TEST_P(CaptionerOnCuda, TrainsWithRoundedFactors) {
  const CaptionerConfig config = test::small_captioner(GetParam());
  const StepResult expected = train_one_step(Device::cpu(), config);
  for (const auto& [precision, bound] :
       {std::pair(Precision::tf32, 0.02), {Precision::bf16, 0.2}}) {
    SCOPED_TRACE(precision);
    const StepResult got = train_one_step(Device::cuda(0), config, precision);
    EXPECT_NEAR(got.loss, expected.loss, 0.05 * bound * expected.loss);
    for (std::size_t i = 0; i < got.names.size(); ++i) {
      EXPECT_LT(distance_of_directions(got.gradients[i], expected.gradients[i]), bound)
          << got.names[i];
    }
  }
}

std::vector<std::vector<Caption>> captions_of(Device device, const CaptionerConfig& config,
                                              const SearchOptions& search) {
  Context context(device);
  ParamStore params(device, 5);
  CaptionDecoder decoder(context, params, config, kBatch, search);
  give(decoder.images(), random_floats(decoder.images().elements(), 2));
  decoder.decode(context, kBatch, kBatch);  // so that the next words are repeated work
  give(decoder.images(), random_floats(decoder.images().elements(), 1));
  return decoder.decode(context, kBatch, 0);
}

TEST_P(CaptionerOnCuda, FindsTheCaptionsOfTheCpu) {
  const CaptionerConfig config = test::small_captioner(GetParam());
  for (const auto method : {SearchOptions::Method::greedy, SearchOptions::Method::beam,
                            SearchOptions::Method::sample}) {
    SearchOptions search;
    search.method = method;
    search.beam_width = 3;
    search.samples = 2;
    search.max_words = 11;
    const auto expected = captions_of(Device::cpu(), config, search);
    const auto got = captions_of(Device::cuda(0), config, search);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t n = 0; n < got.size(); ++n) {
      ASSERT_EQ(got[n].size(), expected[n].size());
      for (std::size_t i = 0; i < got[n].size(); ++i) {
        EXPECT_EQ(got[n][i].words, expected[n][i].words);
        EXPECT_NEAR(got[n][i].log_probability, expected[n][i].log_probability, 1e-4);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, CaptionerOnCuda, testing::ValuesIn(captioner_variants()),
                         [](const auto& variant) { return "Of" + variant.param; });

}  // namespace
}  // namespace lrcn
