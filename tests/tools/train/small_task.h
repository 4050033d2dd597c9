// Linear regression with noise, as small as a task for the trainer can be.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/file.h"
#include "core/rng.h"
#include "kernels/step_meters.h"
#include "layers/graph/program.h"
#include "tools/data/order.h"
#include "tools/train/task.h"

namespace lrcn::test {

// loss = mean over n of (sum over i of (x[n, i] + noise) * weight[i] * scale[i] + bias - target)^2;
// noise is drawn as dropout draws, from StepState; scale is frozen.
// x: [N, I], target: [N] -> loss: [1]
class NoisySquaredError final : public Layer {
 public:
  std::string_view type() const override { return "noisy_squared_error"; }

  std::vector<TensorSpec> plan(Planner& planner) override {
    const std::int64_t features = planner.input(0).shape[1];
    planner.param("weight", {features}, Initializer::uniform(0.5f));
    planner.param("bias", {1}, Initializer::constant(0.0f), {.lr_mult = 2.0f, .decay_mult = 0.0f});
    planner.param("scale", {features}, Initializer::constant(1.5f), {.lr_mult = 0.0f});
    planner.keep_input(0);
    planner.keep_input(1);
    planner.saved("error", {{planner.input(0).shape[0]}});
    return {{{1}}};
  }

  void forward(Context& context, const Frame& frame) override {
    const auto [samples, features] = sizes(frame);
    double loss = 0.0;
    for (std::int64_t n = 0; n < samples; ++n) {
      float sum = frame.params[1].as<float>()[0] - frame.x[1].as<float>()[n];
      for (std::int64_t i = 0; i < features; ++i) {
        sum += input(context, frame, n * features + i) * frame.params[0].as<float>()[i] *
               frame.params[2].as<float>()[i];
      }
      frame.slots[0].as<float>()[n] = sum;
      loss += double(sum) * sum;
    }
    frame.y[0].as<float>()[0] = float(loss / double(samples));
  }

  void backward(Context& context, const Frame& frame) override {
    const auto [samples, features] = sizes(frame);
    const float factor = 2.0f * frame.dy[0].as<float>()[0] / float(samples);
    for (std::int64_t n = 0; n < samples; ++n) {
      const float error = factor * frame.slots[0].as<float>()[n];
      frame.grads[1].as<float>()[0] += error;
      for (std::int64_t i = 0; i < features; ++i) {
        frame.grads[0].as<float>()[i] +=
            error * input(context, frame, n * features + i) * frame.params[2].as<float>()[i];
      }
    }
  }

 private:
  static std::pair<std::int64_t, std::int64_t> sizes(const Frame& frame) {
    return {frame.x[0].shape()[0], frame.x[0].shape()[1]};
  }
  static float input(const Context& context, const Frame& frame, std::int64_t element) {
    const StepState& step = context.step_state();
    const Random random(step.seed, Purpose::dropout);
    return frame.x[0].as<float>()[element] +
           0.1f * (random.uniform(step.step, std::uint64_t(element)) - 0.5f);
  }
};

class SmallTask final : public TrainingTask {
 public:
  static constexpr std::int64_t kSamples = 24;
  static constexpr std::int64_t kBatch = 4;
  static constexpr std::int64_t kFeatures = 5;

  // What tests let happen.
  std::function<void(const BatchPosition&, SmallTask&)> before_batch;
  std::function<std::optional<double>(const StopRequested&)> score;  // the metric "score"
  bool poison_input = false;                                         // of the next batch
  float added_loss = 0.0f;                                           // to the next batch's
  std::vector<BatchPosition> seen;

  SmallTask(Context& context, ParamStore& params)
      : program_(compile(context, params)),
        carried_(Device::cpu(), {Shape{2}}),
        tally_(Device::cpu(), {{2}}) {}

  std::int64_t batches_per_epoch() const override { return kSamples / kBatch; }

  std::int64_t run_batch(Context& context, const BatchPosition& position, Tensor meters) override {
    seen.push_back(position);
    if (before_batch) {
      before_batch(position, *this);
    }
    const auto order = shuffled_order(kSamples, position.seed, position.epoch);
    const auto x = program_.input("x").span<float>();
    const auto target = program_.input("target").span<float>();
    for (std::int64_t n = 0; n < kBatch; ++n) {
      read(order[std::size_t(position.batch * kBatch + n)], x.subspan(std::size_t(n * kFeatures)),
           target[std::size_t(n)]);
    }
    // A state from batch to batch, as of truncated back-propagation, that changes what follows.
    const auto carried = carried_.tensor.span<float>();
    x[0] += 0.01f * carried[0];
    if (std::exchange(poison_input, false)) {
      x[3] = std::numeric_limits<float>::quiet_NaN();
    } else {
      carried[0] = 0.5f * carried[0] + target[0];
    }
    program_.forward(context);
    program_.backward(context);
    const Tensor loss = program_.value(loss_);
    loss.span<float>()[0] += std::exchange(added_loss, 0.0f);
    tally_.tensor.span<float>()[0] = float(kBatch);
    tally_.tensor.span<float>()[1] = float(position.batch % 3);
    add_to_meters(context, loss, tally_.tensor, meters);
    return kBatch;
  }

  std::optional<EvaluationResult> evaluate(Context&, const StopRequested& stop) override {
    const std::optional<double> value = score ? score(stop) : 0.0;
    if (!value) {
      return std::nullopt;
    }
    return EvaluationResult{{{"loss", 1.0}, {"score", *value}}};
  }

  void save_model_files(const std::filesystem::path& folder, const FileSystem& files) override {
    write_file_atomically(folder / "config.json", "{\"model_type\": \"regression\"}\n", files);
  }

  std::vector<NamedTensor> carried_state() override { return {{"mean", carried_.tensor}}; }

 private:
  Program compile(Context& context, ParamStore& params) {
    Graph graph;
    const Value x = graph.input("x", {{kBatch, kFeatures}});
    const Value target = graph.input("target", {{kBatch}});
    loss_ = graph.add("decoder.head", NoisySquaredError(), {x, target});
    CompileOptions options;
    options.phase = Phase::train;
    options.outputs = {loss_};
    options.seeds = {loss_};
    return Program::compile(context, graph, params, options);
  }

  static void read(std::int64_t sample, std::span<float> x, float& target) {
    const Random random(99, Purpose::generate);
    target = 0.5f;
    for (std::int64_t i = 0; i < kFeatures; ++i) {
      x[std::size_t(i)] = random.uniform(std::uint64_t(sample), std::uint64_t(i)) - 0.5f;
      target += float(i - 2) * x[std::size_t(i)];
    }
  }

  Value loss_;
  Program program_;
  OwnedTensor carried_;
  OwnedTensor tally_;
};

}  // namespace lrcn::test
