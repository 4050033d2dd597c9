// One step of training: batches, the check of what they gave, the update.
#include <cmath>

#include "core/error.h"
#include "layers/optim/gradients.h"
#include "tools/train/trainer.h"

namespace lrcn {

Trainer::Step Trainer::train_step() {
  Step step;
  step.epoch = state_.epoch;
  step.learning_rate = options_.schedule.at(state_.step);
  step.sum = run_batches(step.learning_rate);
  parts_.context.set_step_state({.seed = state_.seed,
                                 .step = std::uint64_t(state_.updates),
                                 .learning_rate = float(step.learning_rate)});
  step.gradient_norm = clip_.apply(parts_.context, parts_.params, options_.accumulate);
  step.skipped = !std::isfinite(step.sum.loss) || !std::isfinite(step.gradient_norm);
  ++state_.step;
  if (step.skipped) {
    skip(step);
  } else {
    parts_.optimizer.step(parts_.context, parts_.params);
    ++state_.updates;
    state_.skipped_in_a_row = 0;
  }
  zero_gradients(parts_.context, parts_.params);
  return step;
}

BatchResult Trainer::run_batches(double learning_rate) {
  BatchResult sum;
  double weighted = 0.0;
  double plain = 0.0;
  for (int i = 0; i < options_.accumulate; ++i) {
    const BatchPosition position{state_.seed, state_.epoch, state_.batch,
                                 state_.epoch * state_.batches_per_epoch + state_.batch};
    parts_.context.set_step_state({.seed = position.seed,
                                   .step = std::uint64_t(position.index),
                                   .learning_rate = float(learning_rate)});
    const BatchResult batch = parts_.task.run_batch(parts_.context, position);
    weighted += batch.loss * double(batch.counted);
    plain += batch.loss;
    sum.counted += batch.counted;
    sum.correct += batch.correct;
    sum.examples += batch.examples;
    if (++state_.batch == state_.batches_per_epoch) {
      state_.batch = 0;
      ++state_.epoch;
    }
  }
  sum.loss = sum.counted > 0 ? weighted / double(sum.counted) : plain / options_.accumulate;
  state_.examples += sum.examples;
  state_.counted += sum.counted;
  return sum;
}

void Trainer::skip(const Step& step) {
  ++state_.skipped;
  ++state_.skipped_in_a_row;
  const auto bad = find_non_finite(parts_.context, parts_.params);
  const std::string what =
      bad ? concat("the gradient of ", bad->name, " is not finite at element ", bad->element)
          : concat("the gradients are finite, their norm is ", step.gradient_norm);
  check<DataError>(state_.skipped_in_a_row < options_.max_skipped_in_a_row,
                   "training: ", state_.skipped_in_a_row,
                   " steps in a row were not finite, the last being step ", state_.step,
                   ": the loss is ", step.sum.loss, ", ", what);
  parts_.progress.notice(
      concat("step ", state_.step, " skipped: the loss is ", step.sum.loss, ", ", what));
}

}  // namespace lrcn
