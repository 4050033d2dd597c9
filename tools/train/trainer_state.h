// Where a run stands: trainer.json of a checkpoint.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/io/json.h"
#include "kernels/algorithm_choices.h"

namespace lrcn {

struct BestMetric {
  std::string metric;
  double value = 0.0;
  std::int64_t step = 0;

  friend bool operator==(const BestMetric&, const BestMetric&) = default;
};

struct TrainerState {
  std::int64_t step = 0;     // steps done, skipped ones included
  std::int64_t updates = 0;  // steps that changed the parameters
  std::int64_t epoch = 0;    // position of the next batch
  std::int64_t batch = 0;
  std::int64_t batches_per_epoch = 0;
  std::uint64_t seed = 0;
  std::string optimizer = {};   // Optimizer::type()
  bool evaluation_due = false;  // the evaluation of `step` was put off by a request to stop
  std::optional<BestMetric> best = std::nullopt;

  std::int64_t skipped = 0;
  std::int64_t skipped_in_a_row = 0;
  std::int64_t examples = 0;
  std::int64_t counted = 0;

  AlgorithmChoices::Entries algorithms = {};       // to be loaded before anything is compiled
  std::map<std::string, std::int64_t> files = {};  // bytes of the checkpoint's other files

  friend bool operator==(const TrainerState&, const TrainerState&) = default;
};

Json to_json(const TrainerState& state);
// Throws DataError naming the field for a format that is not known, fields that are absent, of
// another type or out of range.
TrainerState trainer_state_from(const Json& json);

}  // namespace lrcn
