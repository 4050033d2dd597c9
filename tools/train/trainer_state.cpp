#include "tools/train/trainer_state.h"

#include <charconv>
#include <limits>

namespace lrcn {
namespace {

constexpr std::int64_t kFormat = 1;

std::int64_t count_at(const Json& json, std::string_view key) {
  return json.at(key).as_int(0, std::numeric_limits<std::int64_t>::max());
}

// As text: JSON integers of this project end at int64.
std::uint64_t seed_from(const Json& json) {
  const std::string& text = json.as_string();
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) {
    json.reject("expected an unsigned number of 64 bits as text, got \"" + text + '"');
  }
  return seed;
}

std::optional<BestMetric> best_from(const Json& json) {
  if (json.is_null()) {
    return std::nullopt;
  }
  return BestMetric{json.at("metric").as_string(), json.at("value").as_double(),
                    count_at(json, "step")};
}

AlgorithmChoices::Entries algorithms_from(const Json& json) {
  AlgorithmChoices::Entries entries;
  for (const Json pair : json.elements()) {
    if (pair.size() != 2) {
      pair.reject("expected a problem and its algorithm");
    }
    entries.insert_or_assign(pair[0].as_string(), pair[1].as_string());
  }
  return entries;
}

}  // namespace

Json to_json(const TrainerState& state) {
  Json json = Json::object({{"format", kFormat}});
  json.set("step", state.step)
      .set("updates", state.updates)
      .set("epoch", state.epoch)
      .set("batch", state.batch)
      .set("batches_per_epoch", state.batches_per_epoch)
      .set("seed", std::to_string(state.seed))
      .set("optimizer", state.optimizer)
      .set("evaluation_due", state.evaluation_due);
  Json best;
  if (state.best) {
    best = Json::object(
        {{"metric", state.best->metric}, {"value", state.best->value}, {"step", state.best->step}});
  }
  json.set("best", std::move(best))
      .set("skipped", state.skipped)
      .set("skipped_in_a_row", state.skipped_in_a_row)
      .set("examples", state.examples)
      .set("counted", state.counted);
  Json algorithms = Json::array();
  for (const auto& [problem, algorithm] : state.algorithms) {
    algorithms.push_back(Json::array({problem, algorithm}));
  }
  Json files = Json::object();
  for (const auto& [name, bytes] : state.files) {
    files.set(name, bytes);
  }
  return json.set("algorithms", std::move(algorithms)).set("files", std::move(files));
}

TrainerState trainer_state_from(const Json& json) {
  if (const std::int64_t format = json.at("format").as_int(); format != kFormat) {
    json.at("format").reject("this version reads format " + std::to_string(kFormat) + ", got " +
                             std::to_string(format));
  }
  TrainerState state;
  state.step = count_at(json, "step");
  state.updates = count_at(json, "updates");
  state.epoch = count_at(json, "epoch");
  state.batch = count_at(json, "batch");
  state.batches_per_epoch = count_at(json, "batches_per_epoch");
  if (state.batch >= state.batches_per_epoch) {
    json.at("batch").reject("expected less than batches_per_epoch");
  }
  state.seed = seed_from(json.at("seed"));
  state.optimizer = json.at("optimizer").as_string();
  state.evaluation_due = json.at("evaluation_due").as_bool();
  state.best = best_from(json.at("best"));
  state.skipped = count_at(json, "skipped");
  state.skipped_in_a_row = count_at(json, "skipped_in_a_row");
  state.examples = count_at(json, "examples");
  state.counted = count_at(json, "counted");
  state.algorithms = algorithms_from(json.at("algorithms"));
  for (const auto& [name, bytes] : json.at("files").members()) {
    state.files[name] = bytes.as_int(0, std::numeric_limits<std::int64_t>::max());
  }
  return state;
}

}  // namespace lrcn
