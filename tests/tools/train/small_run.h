// Everything that one training run of SmallTask needs, as a process of its own would make it.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "core/io/json.h"
#include "layers/optim/sgd.h"
#include "tests/tools/train/small_task.h"
#include "tools/train/trainer.h"

namespace lrcn::test {

class RecordingSink final : public ProgressSink {
 public:
  void step_done(const Progress& progress) override { steps.push_back(progress); }
  void evaluated(std::int64_t step, const EvaluationResult& result, bool is_best) override {
    evaluations.emplace_back(step, is_best);
    metrics.clear();
    for (const Metric& metric : result.metrics) {
      metrics.push_back(metric.name);
    }
  }
  void saved(std::int64_t step, const std::filesystem::path&) override { saves.push_back(step); }
  void notice(std::string_view text) override { notices.emplace_back(text); }

  std::vector<Progress> steps;
  std::vector<std::pair<std::int64_t, bool>> evaluations;
  std::vector<std::string> metrics;  // names of the last evaluation's
  std::vector<std::int64_t> saves;
  std::vector<std::string> notices;
};

struct SmallRun {
  Context context{Device::cpu()};
  ParamStore params;
  SmallTask task;
  std::unique_ptr<Optimizer> optimizer;
  RecordingSink sink;
  Trainer trainer;

  // Parameters start from `store_seed`, which no run of the same training has to share.
  explicit SmallRun(const TrainerOptions& options, std::unique_ptr<Optimizer> rule = nullptr,
                    const FileSystem& files = posix_file_system(), std::uint64_t store_seed = 1)
      : params(Device::cpu(), store_seed),
        task(context, params),
        optimizer(rule ? std::move(rule) : std::make_unique<Sgd>()),
        trainer({context, params, *optimizer, task, sink, files}, options) {}

  // All that training changes, as one list of numbers.
  std::vector<float> memory() {
    std::vector<float> all;
    const auto append = [&](const Tensor& tensor) {
      const auto values = tensor.span<float>();
      all.insert(all.end(), values.begin(), values.end());
    };
    for (std::size_t i = 0; i < params.entries().size(); ++i) {
      append(params.value(int(i)));
    }
    for (const NamedTensor& state : optimizer->states(params)) {
      append(state.tensor);
    }
    append(task.carried_state().front().tensor);
    return all;
  }
};

inline TrainerOptions small_options(const std::filesystem::path& run, std::int64_t steps) {
  return {.run = run, .seed = 42, .steps = steps, .schedule = {.base = 0.05}};
}

// The newest checkpoint of a run, which has to be there.
inline Checkpoint newest_of(const std::filesystem::path& run) {
  return Checkpoints(run, 1).newest().value();
}

// The lines of metrics.jsonl of that kind, without what depends on the clock.
inline std::vector<std::string> metrics_of(const std::filesystem::path& run,
                                           const std::string& kind) {
  std::vector<std::string> lines;
  std::ifstream file(run / "metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    Json record = Json::parse(line);
    if (record.at("kind").as_string() != kind) {
      continue;
    }
    if (record.has("examples_per_second")) {
      record.set("examples_per_second", 0);
    }
    lines.push_back(record.dump());
  }
  return lines;
}

}  // namespace lrcn::test
