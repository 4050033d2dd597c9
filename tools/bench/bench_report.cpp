#include "tools/bench/bench_report.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/error.h"
#include "tools/cli/data_table.h"
#include "tools/train/nearest_name.h"

namespace lrcn {
namespace {

constexpr std::array<const char*, 4> kFormats = {"table", "markdown", "csv", "json"};

struct Column {
  const char* title;
  std::size_t width;  // of the table, whose rows appear one by one
  bool text;          // aligned to the left
};

constexpr std::array<Column, 14> kColumns = {{{"benchmark", 12, true},
                                              {"case", 22, true},
                                              {"direction", 16, true},
                                              {"provider", 10, true},
                                              {"ms", 10, false},
                                              {"p10", 10, false},
                                              {"p90", 10, false},
                                              {"per s", 11, false},
                                              {"unit", 9, true},
                                              {"GFLOP/s", 9, false},
                                              {"of product", 10, false},
                                              {"GB/s", 8, false},
                                              {"of copy", 8, false},
                                              {"kernels", 0, true}}};

using Cells = std::array<std::string, kColumns.size()>;

std::string or_blank(double value, int digits, const char* unit = "") {
  return value > 0 ? decimal_text(value, digits) + unit : "";
}

Cells titles() {
  Cells cells;
  std::transform(kColumns.begin(), kColumns.end(), cells.begin(),
                 [](const Column& column) { return column.title; });
  return cells;
}

Cells cells_of(const BenchResult& r) {
  return {r.bench,
          r.name,
          r.direction,
          r.provider,
          decimal_text(r.median, 3),
          decimal_text(r.low, 3),
          decimal_text(r.high, 3),
          decimal_text(r.items_per_second, 1),
          r.unit,
          or_blank(r.gflop_per_second, 1),
          or_blank(r.percent_of_product, 1, "%"),
          or_blank(r.gb_per_second, 2),
          or_blank(r.percent_of_copy, 1, "%"),
          r.kernels};
}

std::string table_line(const Cells& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::size_t width = kColumns[i].width;
    const std::string blanks(width > cells[i].size() ? width - cells[i].size() : 0, ' ');
    line += concat(i > 0 ? " " : "", kColumns[i].text ? "" : blanks, cells[i],
                   kColumns[i].text ? blanks : "");
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string markdown_line(const Cells& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) {
    line += cell.empty() ? " |" : concat(' ', cell, " |");
  }
  return line + '\n';
}

// Quoted where a comma or a quotation mark stands in it (RFC 4180).
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char letter : text) {
    quoted += letter == '"' ? "\"\"" : std::string(1, letter);
  }
  return quoted + '"';
}

// The columns of CSV: the members of a row of JSON, some of which are not always there.
constexpr std::array<const char*, 23> kFields = {"name",
                                                 "case",
                                                 "direction",
                                                 "provider",
                                                 "ms_median",
                                                 "ms_p10",
                                                 "ms_p90",
                                                 "runs",
                                                 "per_second",
                                                 "unit",
                                                 "gflops",
                                                 "percent_of_product",
                                                 "percent_of_peak",
                                                 "gb_per_second",
                                                 "percent_of_copy",
                                                 "kernels",
                                                 "threads",
                                                 "device",
                                                 "precision",
                                                 "product_gflops",
                                                 "copy_gb_per_second",
                                                 "fma_peak_gflops",
                                                 "note"};

std::string csv_line(const Json& row) {
  std::string line;
  for (const char* field : kFields) {
    const auto value = row.find(field);
    std::string text;
    if (value) {
      text = value->is_string() ? value->as_string() : value->dump();
    }
    line += concat(line.empty() ? "" : ",", csv_field(text));
  }
  return line + '\n';
}

}  // namespace

BenchFormat parse_bench_format(const std::string& name) {
  const auto found = std::find(kFormats.begin(), kFormats.end(), name);
  if (found == kFormats.end()) {
    const std::vector<std::string> names(kFormats.begin(), kFormats.end());
    const std::string nearest = nearest_name(name, names);
    fail<ArgumentError>("bench: --format: expected table, markdown, csv or json, got '", name, "'",
                        nearest.empty() ? "" : concat("; did you mean ", nearest, "?"));
  }
  return BenchFormat(found - kFormats.begin());
}

std::string BenchReport::heading() const {
  const Ceilings& c = setting_.ceilings;
  std::string text =
      concat(setting_.device, ", ", setting_.precision, ", ", setting_.threads,
             " threads; measured ceilings: copy ", decimal_text(c.copy_gb_per_second, 1),
             " GB/s, matrix product ", decimal_text(c.product_gflop_per_second, 0), " GFLOP/s");
  if (c.fma_gflop_per_second > 0) {
    text += concat(", multiply-add peak ", decimal_text(c.fma_gflop_per_second, 0), " GFLOP/s");
  }
  return text + (setting_.note.empty() ? "" : '\n' + setting_.note) + "\n\n";
}

std::string BenchReport::begin() const {
  switch (format_) {
    case BenchFormat::table:
      return heading() + table_line(titles());
    case BenchFormat::markdown: {
      std::string rule = "|";
      for (const Column& column : kColumns) {
        rule += column.text ? "---|" : "---:|";
      }
      return heading() + markdown_line(titles()) + rule + '\n';
    }
    case BenchFormat::csv: {
      std::string header;
      for (const char* field : kFields) {
        header += concat(header.empty() ? "" : ",", field);
      }
      return header + '\n';
    }
    case BenchFormat::json:
      break;
  }
  return "";
}

std::string BenchReport::row(const BenchResult& result) {
  switch (format_) {
    case BenchFormat::table:
      return table_line(cells_of(result));
    case BenchFormat::markdown:
      return markdown_line(cells_of(result));
    case BenchFormat::csv:
      return csv_line(to_json(result));
    case BenchFormat::json:
      rows_.push_back(to_json(result));
      break;
  }
  return "";
}

std::string BenchReport::end() const {
  return format_ == BenchFormat::json ? rows_.dump(2) + '\n' : "";
}

Json BenchReport::to_json(const BenchResult& r) const {
  Json json = Json::object({{"name", r.bench},
                            {"case", r.name},
                            {"ms_median", r.median},
                            {"ms_p10", r.low},
                            {"ms_p90", r.high},
                            {"runs", r.runs},
                            {"per_second", r.items_per_second},
                            {"unit", r.unit},
                            {"threads", setting_.threads},
                            {"device", setting_.device},
                            {"precision", setting_.precision}});
  const auto set_text = [&](const char* key, const std::string& text) {
    if (!text.empty()) {
      json.set(key, text);
    }
  };
  set_text("direction", r.direction);
  set_text("provider", r.provider);
  set_text("kernels", r.kernels);
  if (r.gflop_per_second > 0) {
    json.set("gflops", r.gflop_per_second).set("percent_of_product", r.percent_of_product);
    if (r.percent_of_peak > 0) {
      json.set("percent_of_peak", r.percent_of_peak);
    }
  }
  if (r.gb_per_second > 0) {
    json.set("gb_per_second", r.gb_per_second).set("percent_of_copy", r.percent_of_copy);
  }
  json.set("product_gflops", setting_.ceilings.product_gflop_per_second)
      .set("copy_gb_per_second", setting_.ceilings.copy_gb_per_second);
  if (setting_.ceilings.fma_gflop_per_second > 0) {
    json.set("fma_peak_gflops", setting_.ceilings.fma_gflop_per_second);
  }
  set_text("note", setting_.note);
  return json;
}

}  // namespace lrcn
