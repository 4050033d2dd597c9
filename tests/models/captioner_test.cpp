#include "models/captioner.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/rng.h"
#include "core/transfer.h"
#include "layers/graph/program.h"
#include "tests/models/small_captioner.h"

namespace lrcn {
namespace {

// Two captions of 3 words and 1 word in four steps.
struct Batch {
  std::vector<std::int32_t> input_ids = {0, 0, 3, 5, 4, 0, 2, 0};  // [4, 2]
  std::vector<std::int32_t> targets = {3, 5, 4, 0, 2, -1, 0, -1};  // [4, 2]
  std::vector<float> cont = {0, 0, 1, 1, 1, 0, 1, 0};              // [4, 2]

  explicit Batch(const CaptionerConfig& config) {
    if (config.lead_steps() == 1) {  // the picture comes first, and the first word continues it
      targets.insert(targets.begin(), {-1, -1});
      cont = {0, 0, 1, 1, 1, 1, 1, 0, 1, 0};
    }
  }
};

std::vector<float> random_images(const Tensor& tensor) {
  std::vector<float> values(std::size_t(tensor.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = 2.0f * Random(9, Purpose::generate).uniform(0, i) - 1.0f;
  }
  return values;
}

class CaptionerVariants : public testing::TestWithParam<std::string> {};

TEST_P(CaptionerVariants, EveryParameterGetsAGradient) {
  const CaptionerConfig config = test::small_captioner(GetParam());
  Context context(Device::cpu());
  ParamStore params(Device::cpu(), 4);
  const CaptionerTraining training = build_training(config, 4, 2);
  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = {training.loss, training.tally};
  options.seeds = {training.loss};
  options.poison = true;
  Program program = Program::compile(context, training.graph, params, options);
  const Batch batch(config);
  upload(program.value(training.images), random_images(program.value(training.images)).data());
  upload(program.value(training.input_ids), batch.input_ids.data());
  upload(program.value(training.targets), batch.targets.data());
  upload(program.value(training.cont), batch.cont.data());
  program.forward(context);
  const float loss = program.value(training.loss).as<float>()[0];
  EXPECT_NEAR(loss, std::log(37.0), 0.5);  // nothing is known yet
  EXPECT_EQ(program.value(training.tally).as<float>()[0], 6.0f);
  program.backward(context);
  for (std::size_t i = 0; i < params.entries().size(); ++i) {
    const Tensor gradient = params.gradient(int(i));
    double sum = 0;
    for (std::int64_t j = 0; j < gradient.elements(); ++j) {
      sum += std::abs(double(gradient.as<float>()[j]));
    }
    EXPECT_TRUE(std::isfinite(sum)) << params.entries()[i].name;
    EXPECT_GT(sum, 0.0) << params.entries()[i].name;
  }
}

// The two ways through the model, whole captions for training and word by word for decoding, must
// agree.
TEST_P(CaptionerVariants, WordByWordItGivesTheProbabilitiesOfAWholeCaption) {
  const CaptionerConfig config = test::small_captioner(GetParam());
  Context context(Device::cpu());
  ParamStore params(Device::cpu(), 4);
  const CaptionerTraining training = build_training(config, 4, 2);
  CompileOptions options;
  options.outputs = {training.loss, training.nll};
  Program whole = Program::compile(context, training.graph, params, options);
  const Batch batch(config);
  const std::vector<float> images = random_images(whole.value(training.images));
  upload(whole.value(training.images), images.data());
  upload(whole.value(training.input_ids), batch.input_ids.data());
  upload(whole.value(training.targets), batch.targets.data());
  upload(whole.value(training.cont), batch.cont.data());
  whole.forward(context);

  const CaptionerEncoding encoding = build_encoding(config, 2);
  CompileOptions encoding_options;
  encoding_options.outputs = {encoding.projection};
  Program encoder = Program::compile(context, encoding.graph, params, encoding_options);
  upload(encoder.value(encoding.images), images.data());
  encoder.forward(context);

  const auto compile_step = [&](const CaptionerStep& step) {
    CompileOptions step_options;
    for (const auto* states : {&step.h_out, &step.c_out}) {
      step_options.outputs.insert(step_options.outputs.end(), states->begin(), states->end());
    }
    if (step.logits) {
      step_options.outputs.push_back(step.logits);
    }
    return Program::compile(context, step.graph, params, step_options);
  };
  const CaptionerStep step = build_step(config, 2);
  Program words = compile_step(step);
  const auto copy = [](const Tensor& from, const Tensor& to) {
    ASSERT_EQ(from.spec, to.spec);
    std::copy_n(from.as<float>(), from.elements(), to.as<float>());
  };
  const auto clear = [](const Program& program, const CaptionerStep& of) {
    for (const auto* states : {&of.h_in, &of.c_in}) {
      for (const Value& state : *states) {
        const Tensor tensor = program.value(state);
        std::fill_n(tensor.as<float>(), tensor.elements(), 0.0f);
      }
    }
  };
  const auto carry = [&](const Program& from, const CaptionerStep& of) {
    for (std::size_t layer = 0; layer < of.h_in.size(); ++layer) {
      copy(from.value(of.h_out[layer]), words.value(step.h_in[layer]));
      copy(from.value(of.c_out[layer]), words.value(step.c_in[layer]));
    }
  };
  clear(words, step);
  if (config.lead_steps() == 1) {
    const CaptionerStep picture_step = build_step(config, 2, StepInput::picture);
    Program picture = compile_step(picture_step);
    clear(picture, picture_step);
    copy(encoder.value(encoding.projection), picture.value(picture_step.projection));
    picture.forward(context);
    carry(picture, picture_step);
  } else {
    copy(encoder.value(encoding.projection), words.value(step.projection));
  }

  double total = 0;
  const std::size_t lead = std::size_t(config.lead_steps());
  for (std::size_t t = 0; t < 4; ++t) {
    upload(words.value(step.ids), batch.input_ids.data() + 2 * t);
    words.forward(context);
    const Tensor logits = words.value(step.logits);
    for (std::size_t n = 0; n < 2; ++n) {
      const std::int32_t target = batch.targets[2 * (lead + t) + n];
      if (target < 0) {
        continue;
      }
      const float* row = logits.as<float>() + std::int64_t(n) * config.vocabulary;
      double sum = 0;
      for (std::int64_t v = 0; v < config.vocabulary; ++v) {
        sum += std::exp(double(row[v]));
      }
      const double nll = std::log(sum) - double(row[target]);
      total += nll;
      EXPECT_NEAR(whole.value(training.nll).as<float>()[2 * (lead + t) + n], nll, 2e-5)
          << "step " << t << ", caption " << n;
    }
    carry(words, step);
  }
  EXPECT_NEAR(whole.value(training.loss).as<float>()[0], total / 6.0, 2e-5);
}

INSTANTIATE_TEST_SUITE_P(All, CaptionerVariants, testing::ValuesIn(captioner_variants()));

TEST(Captioner, ConfigurationSurvivesJson) {
  for (const std::string& variant : captioner_variants()) {
    CaptionerConfig config = test::small_captioner(variant);
    config.dropout = 0.25f;
    const CaptionerConfig read = CaptionerConfig::from_json(config.to_json());
    EXPECT_EQ(read.to_json().dump(), config.to_json().dump());
  }
  CaptionerConfig vgg;
  vgg.vocabulary = 8801;
  EXPECT_EQ(CaptionerConfig::from_json(vgg.to_json()).to_json().dump(), vgg.to_json().dump());
}

TEST(Captioner, RefusesConfigurationsThatDoNotFit) {
  const auto refused = [](const char* key, const Json& value, const char* part) {
    Json json = test::small_captioner("2f").to_json();
    json.set(key, value);
    try {
      CaptionerConfig::from_json(json);
      ADD_FAILURE() << key << " was accepted";
    } catch (const DataError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused("variant", "3f", "3f");
  refused("vocab_size", 1, "vocab_size");
  refused("vocab_size", "many", "integer");
  refused("hidden_size", 0, "hidden_size");
  refused("model_type", "bert", "lrcn_captioner");
  refused("encoder", Json::object({{"architecture", "resnet"}, {"image_size", 64}}), "resnet");
  CaptionerConfig config = test::small_captioner("5x");
  EXPECT_THROW(build_training(config, 4, 2), ArgumentError);
  EXPECT_THROW(build_step(test::small_captioner("2f"), 2, StepInput::picture), ArgumentError);
}

}  // namespace
}  // namespace lrcn
