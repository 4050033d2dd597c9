// A training step of the captioner: forward, backward, clipping, update; T = 20, N = 64.
#include <memory>

#include "layers/optim/clip.h"
#include "layers/optim/gradients.h"
#include "layers/optim/sgd.h"
#include "tools/bench/benchmark.h"
#include "tools/bench/caption_model.h"
#include "tools/bench/prepared_program.h"

namespace lrcn {
namespace {

constexpr std::int64_t kSteps = 20;
constexpr std::int64_t kBatch = 64;

struct PreparedStep : PreparedProgram {
  explicit PreparedStep(Device device)
      : PreparedProgram(device), clip(device, {ClipOptions::Kind::norm, 10.0f}) {}
  Sgd sgd{{.momentum = 0.9f}};
  GradientClip clip;
  RepeatedWork work;
};

PreparedCase prepare(Context& context, bool frozen) {
  auto held = std::make_shared<PreparedStep>(context.device());
  if (frozen) {
    held->params.freeze("encoder.*");
  }
  CaptionerTraining training = build_training(bench_captioner(), kSteps, kBatch);
  held->graph = std::move(training.graph);
  held->compile(context, training.loss, true);
  held->fill_inputs(10'000);
  context.set_step_state({.learning_rate = 0.01f});
  PreparedCase prepared;
  prepared.run = [held, &context] {
    held->work.give_to(context, held->program->revision(), [&] {
      zero_gradients(context, held->params);
      held->program->forward(context);
      held->program->backward(context);
      held->clip.apply(context, held->params);
      held->sgd.step(context, held->params);
    });
    held->params.touch_trainable();
    context.synchronize();
  };
  prepared.items = double(kBatch);
  prepared.unit = "captions";
  prepared.kernels = held->kernels();
  return prepared;
}

}  // namespace

std::vector<BenchCase> caption_step_cases(const BenchRequest&) {
  return {{"caption-step", "frozen", [](Context& context) { return prepare(context, true); }},
          {"caption-step", "unfrozen", [](Context& context) { return prepare(context, false); }}};
}

}  // namespace lrcn
