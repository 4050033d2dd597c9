// The course of a run; one step stands in trainer_step.cpp.
#include "tools/train/trainer.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "kernels/algorithm_choices.h"
#include "kernels/step_meters.h"
#include "layers/optim/gradients.h"
#include "tools/train/weights.h"

namespace lrcn {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSmoothing = 0.05;  // weight of the newest step in the rate

// JSON has no NaN and no infinity.
Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

void validate(const TrainerOptions& options) {
  check(!options.run.empty(), "training: the run folder has no name");
  check(options.steps >= 0, "training: steps must be >= 0, got ", options.steps);
  check(options.accumulate >= 1, "training: accumulate must be >= 1 batch, got ",
        options.accumulate);
  check(options.log_every >= 1, "training: log_every must be >= 1 step, got ", options.log_every);
  check(options.evaluate_every >= 0 && options.save_every >= 0,
        "training: evaluate_every and save_every must be >= 0 steps, got ", options.evaluate_every,
        " and ", options.save_every);
  check(options.max_skipped_in_a_row >= 1, "training: max_skipped_in_a_row must be >= 1, got ",
        options.max_skipped_in_a_row);
  options.schedule.validate();
}

std::vector<NamedTensor> memory_of(const TrainerParts& parts) {
  std::vector<NamedTensor> tensors = parts.optimizer.states(parts.params);
  for (NamedTensor& carried : parts.task.carried_state()) {
    tensors.push_back({"carried/" + carried.name, carried.tensor});
  }
  return tensors;
}

}  // namespace

Trainer::Trainer(const TrainerParts& parts, TrainerOptions options)
    : parts_(parts),
      options_((validate(options), std::move(options))),
      clip_(parts.context.device(), options_.clip),
      meters_(parts.context.device(), kStepMetersSpec),
      checkpoints_(options_.run, options_.keep_last, parts.files) {
  check(parts.params.trainable_elements() > 0, "training: every parameter is frozen");
  state_.batches_per_epoch = parts.task.batches_per_epoch();
  check(state_.batches_per_epoch > 0, "training: the data make no batch");
  state_.seed = options_.seed;
  state_.optimizer = parts.optimizer.type();
}

void Trainer::resume(const Checkpoint& checkpoint) {
  const TrainerState& found = checkpoint.state;
  const auto agree = [&](const char* what, const auto& theirs, const auto& ours) {
    check<DataError>(theirs == ours, "checkpoint ", checkpoint.folder.native(), ": ", what, " is ",
                     theirs, ", this run has ", ours);
  };
  agree("the seed", found.seed, state_.seed);
  agree("the optimizer", found.optimizer, state_.optimizer);
  agree("the number of batches in an epoch", found.batches_per_epoch, state_.batches_per_epoch);
  restore_tensors(checkpoint, named_values(parts_.params), memory_of(parts_));
  parts_.params.touch();
  state_ = found;
  state_.files.clear();  // those of that checkpoint
  saved_step_ = found.step;
}

Outcome Trainer::run(const StopRequested& stop_requested) {
  const StopRequested stop = stop_requested ? stop_requested : [] { return false; };
  start();
  if (state_.evaluation_due) {
    evaluate(stop);
    if (!state_.evaluation_due) {
      save();
    }
  }
  while (state_.step < options_.steps && !stop()) {
    const auto begin = Clock::now();
    const Step step = train_step();
    report(step, std::chrono::duration<double>(Clock::now() - begin).count());
    const bool last = state_.step == options_.steps;
    const auto due = [&](std::int64_t every) {
      return every > 0 && (last || state_.step % every == 0);
    };
    const bool best = due(options_.evaluate_every) && evaluate(stop);
    if (best || last || due(options_.save_every)) {
      save();
    }
  }
  if (saved_step_ != state_.step) {
    save();
  }
  return state_.step < options_.steps || state_.evaluation_due ? Outcome::interrupted
                                                               : Outcome::finished;
}

void Trainer::start() {
  if (metrics_) {
    return;  // run() was interrupted before
  }
  if (saved_step_ >= 0) {
    checkpoints_.continue_from(state_,
                               [this](std::string_view text) { parts_.progress.notice(text); });
  } else {
    checkpoints_.expect_none();
  }
  std::error_code error;
  std::filesystem::create_directories(options_.run, error);
  check<IoError>(!error, "create folder ", options_.run.native(), ": ", error.message());
  metrics_.emplace(options_.run / "metrics.jsonl", saved_step_, parts_.files);
  zero_gradients(parts_.context, parts_.params);
}

void Trainer::report(const Step& step, double seconds) {
  seconds_per_step_ = seconds_per_step_ == 0.0
                          ? seconds
                          : (1.0 - kSmoothing) * seconds_per_step_ + kSmoothing * seconds;
  const auto rate = [&](double time) { return time > 0.0 ? double(step.examples) / time : 0.0; };
  if (state_.step % options_.log_every == 0 || state_.step == options_.steps) {
    Json line = Json::object({{"kind", "train"}, {"step", state_.step}, {"epoch", step.epoch}});
    line.set("loss", finite_or_null(step.loss));
    if (step.counted > 0) {
      line.set("accuracy", double(step.correct) / double(step.counted));
    }
    line.set("lr", step.learning_rate)
        .set("grad_norm", finite_or_null(step.gradient_norm))
        .set("examples_per_second", rate(seconds))
        .set("skipped", state_.skipped);
    metrics_->append(line);
  }
  parts_.progress.step_done(
      {.step = state_.step,
       .total = options_.steps,
       .epoch = step.epoch,
       .loss = step.loss,
       .learning_rate = step.learning_rate,
       .examples_per_second = rate(seconds_per_step_),
       .remaining_seconds = double(options_.steps - state_.step) * seconds_per_step_,
       .skipped = step.skipped});
}

bool Trainer::is_best(const Metric& metric) const {
  if (!std::isfinite(metric.value) || !state_.best || state_.best->metric != metric.name) {
    return std::isfinite(metric.value);
  }
  return options_.best_is_lowest ? metric.value < state_.best->value
                                 : metric.value > state_.best->value;
}

bool Trainer::evaluate(const StopRequested& stop) {
  state_.evaluation_due = true;
  if (stop()) {
    return false;
  }
  const std::optional<EvaluationResult> result = parts_.task.evaluate(parts_.context, stop);
  if (!result) {
    return false;
  }
  state_.evaluation_due = false;
  const Metric* metric = result->find(options_.best_metric);
  check(metric != nullptr || result->metrics.empty(), "training: the evaluation has no metric \"",
        options_.best_metric, '"');
  const bool best = metric != nullptr && is_best(*metric);
  if (best) {
    state_.best = BestMetric{metric->name, metric->value, state_.step};
  }
  Json metrics = Json::object();
  for (const Metric& each : result->metrics) {
    metrics.set(each.name, finite_or_null(each.value));
  }
  Json line = Json::object({{"kind", "validation"}, {"step", state_.step}});
  line.set("epoch", state_.epoch).set("metrics", std::move(metrics)).set("best", best);
  metrics_->append(line);
  parts_.progress.evaluated(state_.step, *result, best);
  return best;
}

void Trainer::save() {
  metrics_->sync();  // what a resume keeps of the lines must be on the disk before
  state_.algorithms = parts_.context.handle<AlgorithmChoices>().entries();
  const auto folder =
      checkpoints_.save({.state = state_,
                         .weights = named_values(parts_.params),
                         .memory = memory_of(parts_),
                         .write_model_files = [&](const std::filesystem::path& target) {
                           parts_.task.save_model_files(target, parts_.files);
                         }});
  saved_step_ = state_.step;
  parts_.progress.saved(state_.step, folder);
}

}  // namespace lrcn
