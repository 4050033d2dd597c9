// The training loop, whatever the task: steps, validation, checkpoints, metrics.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/repeated_work.h"
#include "layers/optim/clip.h"
#include "layers/optim/optimizer.h"
#include "layers/optim/schedule.h"
#include "tools/train/checkpoints.h"
#include "tools/train/metrics_log.h"
#include "tools/train/progress.h"
#include "tools/train/task.h"

namespace lrcn {

struct TrainerOptions {
  std::filesystem::path run = {};  // folder of the run, made when absent
  std::uint64_t seed = 0;
  std::int64_t steps = 0;           // in total, those before a resume included
  int accumulate = 1;               // batches of one step; the mean of their gradients is used
  Schedule schedule = {};           // by step
  ClipOptions clip = {};            // of the mean
  std::int64_t log_every = 1;       // steps; the last step is always logged
  std::int64_t evaluate_every = 0;  // steps, and after the last one; 0: never
  std::int64_t save_every = 0;      // steps; 0: when a metric is best and at the end alone
  int keep_last = 3;
  std::string best_metric = "loss";  // of evaluations
  bool best_is_lowest = true;
  int max_skipped_in_a_row = 10;
};

enum class Outcome { finished, interrupted };

// What the trainer works with; all of it outlives the trainer.
struct TrainerParts {
  Context& context;
  ParamStore& params;  // allocated with gradients
  Optimizer& optimizer;
  TrainingTask& task;
  ProgressSink& progress;
  const FileSystem& files = posix_file_system();
};

// A step is `accumulate` batches and one update. When loss or gradients are not finite there is no
// update, and the step counts as skipped.
class Trainer {
 public:
  // Throws ArgumentError for options out of range.
  Trainer(const TrainerParts& parts, TrainerOptions options);

  // Continues from a checkpoint: parameters, optimizer, position, counters. What follows is the
  // same bit for bit as without the interruption, provided that checkpoint.state.algorithms were
  // loaded into the context's AlgorithmChoices before the programs were compiled. Throws DataError
  // when the checkpoint is of another model, seed, optimizer or number of batches.
  void resume(const Checkpoint& checkpoint);

  // Trains up to options.steps. When `stop` becomes true the step is finished, a checkpoint saved
  // and `interrupted` returned.
  //
  // Throws ArgumentError when the run folder holds checkpoints and none was resumed, DataError when
  // too many steps in a row were not finite, naming the first bad gradient, and IoError when
  // something cannot be saved; the checkpoints on the disk stay whole in every case.
  Outcome run(const StopRequested& stop = {});

  const TrainerState& state() const { return state_; }

 private:
  struct Step {              // what one step found
    std::int64_t epoch = 0;  // of its first batch
    double loss = 0.0;       // mean over what was counted
    std::int64_t counted = 0;
    std::int64_t correct = 0;
    std::int64_t examples = 0;
    double learning_rate = 0.0;
    double gradient_norm = 0.0;
    bool skipped = false;
  };

  void start();
  Step train_step();
  // Give the work of a step to the context; read_results() waits for it.
  void run_batches(Step& step);
  void update(const Step& step);
  void read_results(Step& step);
  void skip(const Step& step);
  void report(const Step& step, double seconds);
  // Whether the evaluation found a new best.
  bool evaluate(const StopRequested& stop);
  bool is_best(const Metric& metric) const;
  void save();

  TrainerParts parts_;
  TrainerOptions options_;
  GradientClip clip_;
  OwnedTensor meters_;  // StepMeters
  RepeatedWork update_work_;
  Checkpoints checkpoints_;
  std::optional<MetricsLog> metrics_;
  TrainerState state_;
  std::int64_t saved_step_ = -1;  // of the newest checkpoint that has all of state_
  double seconds_per_step_ = 0.0;
};

}  // namespace lrcn
