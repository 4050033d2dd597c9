#include "tools/report/run_metrics.h"

#include <string_view>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"

namespace lrcn {
namespace {

std::optional<double> number_at(const Json& line, std::string_view key) {
  const std::optional<Json> value = line.find(key);
  return value && !value->is_null() ? std::optional(value->as_double()) : std::nullopt;
}

TrainingPoint training_point(const Json& line) {
  return {.step = line.at("step").as_int(),
          .epoch = line.at("epoch").as_int(),
          .loss = number_at(line, "loss"),
          .accuracy = number_at(line, "accuracy"),
          .learning_rate = number_at(line, "lr").value_or(0.0),
          .examples_per_second = number_at(line, "examples_per_second").value_or(0.0)};
}

ValidationPoint validation_point(const Json& line) {
  ValidationPoint point{.step = line.at("step").as_int(), .metrics = {}, .best = false};
  for (const auto& [name, value] : line.at("metrics").members()) {
    if (!value.is_null()) {
      point.metrics[name] = value.as_double();
    }
  }
  const std::optional<Json> best = line.find("best");
  point.best = best && best->as_bool();
  return point;
}

}  // namespace

RunMetrics read_metrics(const std::filesystem::path& path) {
  const std::string content = read_file(path);
  RunMetrics metrics;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < content.size();) {
    const std::size_t end = content.find('\n', begin);
    if (end == std::string::npos) {
      break;  // cut
    }
    const std::string_view text = std::string_view(content).substr(begin, end - begin);
    begin = end + 1;
    const Json line = Json::parse(text, {}, concat(path.string(), ':', ++number));
    const std::string& kind = line.at("kind").as_string();
    if (kind == "train") {
      metrics.training.push_back(training_point(line));
    } else if (kind == "validation") {
      metrics.validation.push_back(validation_point(line));
    }
  }
  return metrics;
}

}  // namespace lrcn
