// metrics.jsonl of a run, as the trainer writes it (tools/train/trainer.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lrcn {

struct TrainingPoint {
  std::int64_t step = 0;
  std::int64_t epoch = 0;
  std::optional<double> loss;      // absent when it was not finite
  std::optional<double> accuracy;  // of tokens
  double learning_rate = 0.0;
  double examples_per_second = 0.0;
};

struct ValidationPoint {
  std::int64_t step = 0;
  std::map<std::string, double> metrics;  // those that were finite
  bool best = false;                      // so far
};

struct RunMetrics {
  std::vector<TrainingPoint> training;  // ascending steps
  std::vector<ValidationPoint> validation;
};

// A last line that a crash has cut is passed over, and so are lines of an unknown kind. Throws
// NotFoundError, and DataError with file and line for any other line that is not as expected.
RunMetrics read_metrics(const std::filesystem::path& path);

}  // namespace lrcn
