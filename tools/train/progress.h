// What a run tells while it goes on; the command line draws it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "tools/train/task.h"

namespace lrcn {

struct Progress {
  std::int64_t step = 0;  // done
  std::int64_t total = 0;
  std::int64_t epoch = 0;
  double loss = 0.0;  // of this step; NaN or infinite when it was skipped for that
  double learning_rate = 0.0;
  double examples_per_second = 0.0;  // of training alone, smoothed
  double remaining_seconds = 0.0;    // of training alone
  bool skipped = false;
};

// All calls come from the thread that runs the trainer. The defaults do nothing.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;

  virtual void step_done(const Progress&) {}
  virtual void evaluated(std::int64_t /*step*/, const EvaluationResult&, bool /*is_best*/) {}
  virtual void saved(std::int64_t /*step*/, const std::filesystem::path& /*checkpoint*/) {}
  // Something that a person should know but that does not stop the run.
  virtual void notice(std::string_view) {}
};

}  // namespace lrcn
