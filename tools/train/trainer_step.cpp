// One step of training: batches, the check of what they gave, the update.
#include <cmath>

#include "core/error.h"
#include "core/transfer.h"
#include "kernels/step_meters.h"
#include "layers/optim/gradients.h"
#include "tools/train/trainer.h"

namespace lrcn {

Trainer::Step Trainer::train_step() {
  Step step;
  step.epoch = state_.epoch;
  step.learning_rate = options_.schedule.at(state_.step);
  run_batches(step);
  update(step);
  read_results(step);
  step.skipped = !std::isfinite(step.loss) || !std::isfinite(step.gradient_norm);
  ++state_.step;
  if (step.skipped) {
    skip(step);
  } else {
    ++state_.updates;
    state_.skipped_in_a_row = 0;
  }
  zero_gradients(parts_.context, parts_.params);
  return step;
}

void Trainer::run_batches(Step& step) {
  set_bytes(parts_.context, meters_.tensor, 0);
  for (int i = 0; i < options_.accumulate; ++i) {
    const BatchPosition position{state_.seed, state_.epoch, state_.batch,
                                 state_.epoch * state_.batches_per_epoch + state_.batch};
    parts_.context.set_step_state({.seed = position.seed,
                                   .step = std::uint64_t(position.index),
                                   .learning_rate = float(step.learning_rate)});
    step.examples += parts_.task.run_batch(parts_.context, position, meters_.tensor);
    if (++state_.batch == state_.batches_per_epoch) {
      state_.batch = 0;
      ++state_.epoch;
    }
  }
}

// Changes nothing when the loss or a gradient is not finite; only the device knows that yet.
void Trainer::update(const Step& step) {
  parts_.context.set_step_state({.seed = state_.seed,
                                 .step = std::uint64_t(state_.updates),
                                 .learning_rate = float(step.learning_rate)});
  update_work_.give_to(parts_.context, {parts_.params.generation()}, [this] {
    clip_.apply(parts_.context, parts_.params, options_.accumulate);
    withhold_update(parts_.context, meters_.tensor);
    parts_.optimizer.step(parts_.context, parts_.params);
  });
  parts_.params.touch_trainable();  // repeated work does not come through the optimizer
}

void Trainer::read_results(Step& step) {
  step.gradient_norm = clip_.norm(parts_.context);
  StepMeters sum;
  download(&sum, meters_.tensor);
  step.loss = sum.counted > 0 ? sum.weighted_loss / sum.counted : sum.loss / options_.accumulate;
  step.counted = std::int64_t(sum.counted);
  step.correct = std::int64_t(sum.correct);
  state_.examples += step.examples;
  state_.counted += step.counted;
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
                   ": the loss is ", step.loss, ", ", what);
  parts_.progress.notice(
      concat("step ", state_.step, " skipped: the loss is ", step.loss, ", ", what));
}

}  // namespace lrcn
