#include "tools/cli/inspect_run.h"

#include <algorithm>
#include <system_error>

#include "core/error.h"
#include "tools/cli/data_table.h"
#include "tools/report/run_metrics.h"
#include "tools/train/checkpoints.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;
using Align = DataTable::Align;

constexpr int kAnyNumber = 1;  // checkpoints kept: nothing is saved here

std::string best_text(const TrainerState& state) {
  return state.best ? concat(state.best->metric, ' ', decimal_text(state.best->value, 4),
                             " at step ", state.best->step)
                    : "none";
}

// The step that a link of the run stands for, -1 when there is no such link.
std::int64_t linked_step(const fs::path& run, const char* link,
                         const std::vector<std::int64_t>& steps, const Checkpoints& checkpoints) {
  std::error_code error;
  for (const std::int64_t step : steps) {
    if (fs::equivalent(run / link, checkpoints.folder_of(step), error) && !error) {
      return step;
    }
  }
  return -1;
}

std::string describe_checkpoints(const fs::path& run) {
  const Checkpoints checkpoints(run, kAnyNumber);
  const std::vector<std::int64_t> steps = checkpoints.steps();
  const std::int64_t last = linked_step(run, "last", steps, checkpoints);
  const std::int64_t best = linked_step(run, "best", steps, checkpoints);
  DataTable table({Align::left, Align::left, Align::left});
  for (const std::int64_t step : steps) {
    std::string state;
    try {
      state = concat("epoch ", open_checkpoint(checkpoints.folder_of(step)).state.epoch);
    } catch (const Error& error) {
      state = concat("damaged: ", error.what());
    }
    table.add({concat("step ", step), state,
               concat(step == last ? "last " : "", step == best ? "best" : "")});
  }
  return steps.empty() ? "  none\n" : table.text("  ");
}

std::string describe_metrics(const fs::path& path) {
  const RunMetrics metrics = read_metrics(path);
  std::string text;
  if (!metrics.training.empty()) {
    const TrainingPoint& point = metrics.training.back();
    text += concat("  step ", point.step, ", epoch ", point.epoch, ": loss ",
                   point.loss ? decimal_text(*point.loss, 4) : "not finite", ", ",
                   decimal_text(point.examples_per_second, 1), " examples/s\n");
  }
  if (!metrics.validation.empty()) {
    const ValidationPoint& point = metrics.validation.back();
    text += concat("  validation at step ", point.step, ':');
    for (const auto& [name, value] : point.metrics) {
      text += concat("  ", name, ' ', decimal_text(value, 4));
    }
    text += '\n';
  }
  return text.empty() ? "  none\n" : text;
}

}  // namespace

std::string describe_trainer(const fs::path& folder) {
  const Checkpoint checkpoint = open_checkpoint(folder);
  const TrainerState& state = checkpoint.state;
  DataTable table({Align::left, Align::left});
  table.add({"step", concat(grouped(state.step), ", of them ", grouped(state.updates),
                            " changed the parameters, ", grouped(state.skipped), " skipped")});
  table.add({"next batch", concat("epoch ", state.epoch, ", batch ", state.batch, " of ",
                                  state.batches_per_epoch)});
  table.add(
      {"seen", concat(grouped(state.examples), " examples, ", grouped(state.counted), " targets")});
  table.add({"optimizer", state.optimizer});
  table.add({"seed", std::to_string(state.seed)});
  table.add({"best", best_text(state)});
  for (const auto& [name, bytes] : state.files) {
    table.add({"file", concat(name, "  ", bytes_text(std::uint64_t(bytes)))});
  }
  return concat("checkpoint ", folder.string(), '\n', table.text("  "));
}

std::string describe_run(const fs::path& run) {
  std::string text = concat("run ", run.string(), "\n\ncheckpoints\n", describe_checkpoints(run));
  std::error_code ignored;
  const fs::path metrics = run / "metrics.jsonl";
  if (fs::exists(metrics, ignored)) {
    text += "\nmetrics\n" + describe_metrics(metrics);
  }
  return text;
}

}  // namespace lrcn
