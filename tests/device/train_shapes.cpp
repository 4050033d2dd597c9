// Trains the shapes captioner from pictures drawn on the fly, on any device, and captions scenes it
// has never seen. Needs nothing but models and the drawing of tools/data: for machines with a GPU
// and little else (tools/gpu_check.sh). Prints one JSON object.
//
//   train_shapes [--device cuda] [--precision bf16] [--steps 3000] [--batch 64] [--test 200]
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>

#include "core/error.h"
#include "core/io/json.h"
#include "core/transfer.h"
#include "layers/graph/program.h"
#include "layers/optim/adam.h"
#include "layers/optim/clip.h"
#include "layers/optim/gradients.h"
#include "layers/optim/schedule.h"
#include "models/captioner.h"
#include "models/decode/caption_decoder.h"
#include "tools/data/shapes.h"

namespace lrcn {
namespace {

constexpr std::int64_t kWords = 24;  // steps of a training pass
constexpr std::uint64_t kSeed = 1;
constexpr double kLearningRate = 3e-3;
constexpr std::int64_t kWarmUp = 100;

struct Arguments {
  std::string device = "cpu";
  std::string precision = "f32";
  std::int64_t steps = 3000;
  std::int64_t batch = 64;
  std::int64_t test = 200;
  std::int64_t width = 16;    // of the first convolution
  std::int64_t hidden = 256;  // units of a layer
};

Arguments parse(int count, char** texts) {
  Arguments values;
  const std::map<std::string, std::int64_t*> numbers{{"--steps", &values.steps},
                                                     {"--batch", &values.batch},
                                                     {"--test", &values.test},
                                                     {"--width", &values.width},
                                                     {"--hidden", &values.hidden}};
  const std::map<std::string, std::string*> names{{"--device", &values.device},
                                                  {"--precision", &values.precision}};
  for (int i = 1; i < count; i += 2) {
    const std::string flag = texts[i];
    check(i + 1 < count && (numbers.contains(flag) || names.contains(flag)), "train_shapes: '",
          flag, "' is no flag with a value behind it");
    if (names.contains(flag)) {
      *names.at(flag) = texts[i + 1];
    } else {
      *numbers.at(flag) = std::stoll(texts[i + 1]);
    }
  }
  return values;
}

// Words of the captions, numbered in the order in which they are first met.
class Words {
 public:
  std::vector<std::int32_t> encode(const std::string& caption) {
    std::vector<std::int32_t> ids;
    std::istringstream stream(caption);
    for (std::string word; stream >> word;) {
      ids.push_back(ids_.try_emplace(word, std::int32_t(2 + ids_.size())).first->second);
    }
    return ids;
  }
  std::int64_t size() const { return std::int64_t(2 + ids_.size()); }

 private:
  std::map<std::string, std::int32_t> ids_;
};

// A sixth of all combinations is kept for the test.
bool is_for_test(const ShapeScene& scene) {
  return Random(kSeed, Purpose::generate).below(6, 0, scene.combination()) == 0;
}

// The scenes of one part, in order.
class Scenes {
 public:
  Scenes(bool test, std::uint64_t first) : test_(test), next_(first) {}

  // Writes the picture as [3, side, side] in -1 .. 1.
  ShapeScene draw(float* planes) {
    ShapeScene scene = draw_scene(kSeed, next_);
    while (is_for_test(scene) != test_) {
      scene = draw_scene(kSeed, ++next_);
    }
    const Image image = render(scene, kSeed, next_++);
    constexpr std::size_t kPixels = std::size_t(kShapesSide) * kShapesSide;
    for (std::size_t i = 0; i < kPixels; ++i) {
      for (std::size_t c = 0; c < 3; ++c) {
        planes[c * kPixels + i] = float(image.pixels[3 * i + c]) / 127.5f - 1.0f;
      }
    }
    return scene;
  }

 private:
  bool test_;
  std::uint64_t next_;
};

constexpr std::size_t kPlanes = std::size_t(3) * kShapesSide * kShapesSide;

class Training {
 public:
  Training(Context& context, ParamStore& params, const CaptionerConfig& config, std::int64_t batch)
      : context_(context),
        params_(params),
        batch_(batch),
        graph_(build_training(config, kWords, batch)),
        program_(compile()),
        clip_(context.device(), {ClipOptions::Kind::norm, 5.0f}) {}

  float step(Words& words, const StepState& state) {
    context_.set_step_state(state);
    give_batch(words, state.step);
    work_.give_to(context_, program_.revision(), [this] {
      zero_gradients(context_, params_);
      program_.forward(context_);
      program_.backward(context_);
      clip_.apply(context_, params_);
      adam_.step(context_, params_);
    });
    params_.touch_trainable();
    float loss = 0.0f;
    download(&loss, program_.value(graph_.loss));
    return loss;
  }

 private:
  Program compile() {
    CompileOptions options;
    options.phase = Phase::train;
    options.outputs = options.seeds = {graph_.loss};
    return Program::compile(context_, graph_.graph, params_, options);
  }

  void give_batch(Words& words, std::uint64_t step) {
    const auto batch = std::size_t(batch_);
    std::vector<float> images(batch * kPlanes);
    std::vector<std::int32_t> ids(kWords * batch, kEndOfSentence);
    std::vector<std::int32_t> targets(kWords * batch, kIgnoredTarget);
    std::vector<float> cont(kWords * batch, 0.0f);
    for (std::size_t n = 0; n < batch; ++n) {
      const std::vector<std::string> captions = captions_of(scenes_.draw(&images[n * kPlanes]));
      const std::vector<std::int32_t> caption =
          words.encode(captions[(step + n) % captions.size()]);
      check(caption.size() < kWords, "train_shapes: a caption of ", caption.size(), " words");
      for (std::size_t t = 0; t <= caption.size(); ++t) {
        targets[t * batch + n] = t < caption.size() ? caption[t] : kEndOfSentence;
        ids[t * batch + n] = t == 0 ? kEndOfSentence : caption[t - 1];
        cont[t * batch + n] = t == 0 ? 0.0f : 1.0f;
      }
    }
    upload(program_.value(graph_.images), images.data());
    upload(program_.value(graph_.input_ids), ids.data());
    upload(program_.value(graph_.targets), targets.data());
    upload(program_.value(graph_.cont), cont.data());
  }

  Context& context_;
  ParamStore& params_;
  std::int64_t batch_;
  CaptionerTraining graph_;
  Program program_;
  RepeatedWork work_;
  Adam adam_;
  GradientClip clip_;
  Scenes scenes_{false, 0};
};

// The part of `count` unseen scenes whose best caption is one of the five right ones.
double exact_match(Context& context, ParamStore& params, const CaptionerConfig& config,
                   Words& words, std::int64_t count) {
  constexpr std::int64_t kBatch = 50;
  CaptionDecoder decoder(context, params, config, kBatch, {.max_words = int(kWords)});
  Scenes scenes(true, 1u << 30);
  std::int64_t right = 0;
  for (std::int64_t first = 0; first < count; first += kBatch) {
    const std::int64_t here = std::min(kBatch, count - first);
    std::vector<float> images(std::size_t(kBatch) * kPlanes);
    std::vector<std::vector<std::string>> references;
    for (std::int64_t n = 0; n < here; ++n) {
      references.push_back(captions_of(scenes.draw(&images[std::size_t(n) * kPlanes])));
    }
    upload(decoder.images(), images.data());
    const auto captions = decoder.decode(context, here, std::uint64_t(first));
    for (std::size_t n = 0; n < captions.size(); ++n) {
      right += std::any_of(references[n].begin(), references[n].end(), [&](const auto& reference) {
        return words.encode(reference) == captions[n][0].words;
      });
    }
  }
  return double(right) / double(count);
}

int run(const Arguments& arguments) {
  Context context(Device::parse(arguments.device));
  context.set_precision(parse_precision(arguments.precision));
  Words words;
  for (std::uint64_t index = 0; index < 2000; ++index) {  // meets every word there is
    for (const std::string& caption : captions_of(draw_scene(kSeed, index))) {
      words.encode(caption);
    }
  }
  CaptionerConfig config;
  config.encoder.architecture = "vgg_mini";
  config.encoder.image_size = kShapesSide;
  config.encoder.mini = {
      .width = arguments.width, .hidden = arguments.hidden, .features = arguments.hidden};
  config.variant = "2f";
  config.vocabulary = words.size();
  config.embedding = arguments.hidden / 2;
  config.hidden = arguments.hidden;

  ParamStore params(context.device(), kSeed);
  Training training(context, params, config, arguments.batch);
  const Schedule schedule{.kind = Schedule::Kind::cosine,
                          .base = kLearningRate,
                          .total = arguments.steps,
                          .warmup = std::min(kWarmUp, arguments.steps / 2)};
  float first_loss = 0.0f;
  float loss = 0.0f;
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t step = 0; step < arguments.steps; ++step) {
    loss = training.step(
        words,
        {.seed = kSeed, .step = std::uint64_t(step), .learning_rate = float(schedule.at(step))});
    first_loss = step == 0 ? loss : first_loss;
    if (step % 100 == 0) {
      std::fprintf(stderr, "step %lld loss %.4f\n", static_cast<long long>(step), double(loss));
    }
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double matched =
      arguments.test > 0 ? exact_match(context, params, config, words, arguments.test) : 0.0;
  const Json result =
      Json::object({{"device", arguments.device},
                    {"precision", arguments.precision},
                    {"steps", arguments.steps},
                    {"batch", arguments.batch},
                    {"loss_first", double(first_loss)},
                    {"loss_last", double(loss)},
                    {"captions_per_second", double(arguments.steps * arguments.batch) / seconds},
                    {"exact_match", matched}});
  std::cout << result.dump(2) << '\n';
  return loss < first_loss ? 0 : 1;
}

}  // namespace
}  // namespace lrcn

int main(int count, char** texts) {
  try {
    return lrcn::run(lrcn::parse(count, texts));
  } catch (const std::exception& error) {
    std::cerr << "train_shapes: " << error.what() << '\n';
    return 70;
  }
}
