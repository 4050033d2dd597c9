// What `lrcn bench` prints, in four forms.
#pragma once

#include <string>
#include <string_view>

#include "core/io/json.h"
#include "tools/bench/benchmark.h"

namespace lrcn {

enum class BenchFormat : std::uint8_t { table, markdown, csv, json };

// "table", "markdown", "csv" or "json". Throws ArgumentError with the nearest of them.
BenchFormat parse_bench_format(const std::string& name);

// What holds for all rows.
struct BenchSetting {
  int threads = 1;
  std::string device = "cpu";
  std::string precision = "f32";
  Ceilings ceilings = {};
  std::string note = {};  // what a reader of the times must know; may be empty
};

// Texts to be printed one after the other: begin(), row() for each result, end().
class BenchReport {
 public:
  BenchReport(BenchFormat format, BenchSetting setting)
      : format_(format), setting_(std::move(setting)), rows_(Json::array()) {}

  std::string begin() const;
  std::string row(const BenchResult& result);
  std::string end() const;

 private:
  std::string heading() const;
  Json to_json(const BenchResult& result) const;

  BenchFormat format_;
  BenchSetting setting_;
  Json rows_;
};

}  // namespace lrcn
