#include "tools/bench/bench_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "core/error.h"

namespace lrcn::test {
namespace {

BenchSetting setting() {
  return {.threads = 2,
          .ceilings = {.copy_gb_per_second = 10.0,
                       .product_gflop_per_second = 100.0,
                       .fma_gflop_per_second = 200.0}};
}

BenchResult convolution() {
  BenchResult result;
  result.bench = "conv";
  result.name = "layer";
  result.direction = "dx";
  result.provider = "automatic";
  result.median = 2.0;
  result.low = 1.5;
  result.high = 2.5;
  result.runs = 7;
  result.items_per_second = 500.0;
  result.unit = "images";
  result.gflop_per_second = 50.0;
  result.gb_per_second = 2.5;
  result.percent_of_product = 50.0;
  result.percent_of_copy = 25.0;
  result.percent_of_peak = 25.0;
  result.kernels = "simt, \"128x64\"";
  return result;
}

// A case that counts neither operations nor bytes.
BenchResult startup() {
  BenchResult result;
  result.bench = "startup";
  result.name = "process";
  result.median = result.low = result.high = 80.0;
  result.runs = 1;
  result.items_per_second = 12.5;
  result.unit = "processes";
  return result;
}

std::string print(BenchFormat format, const BenchSetting& given = setting()) {
  BenchReport report(format, given);
  std::string text = report.begin();
  text += report.row(convolution());
  text += report.row(startup());
  return text + report.end();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

TEST(BenchReport, JsonHoldsTheFieldsThatScriptsRead) {
  const Json rows = Json::parse(print(BenchFormat::json));
  ASSERT_EQ(rows.size(), 2u);
  const Json row = rows[0];
  EXPECT_EQ(row.at("name").as_string(), "conv");
  EXPECT_EQ(row.at("case").as_string(), "layer");
  EXPECT_EQ(row.at("direction").as_string(), "dx");
  EXPECT_EQ(row.at("provider").as_string(), "automatic");
  EXPECT_EQ(row.at("ms_median").as_double(), 2.0);
  EXPECT_EQ(row.at("ms_p10").as_double(), 1.5);
  EXPECT_EQ(row.at("ms_p90").as_double(), 2.5);
  EXPECT_EQ(row.at("runs").as_int(), 7);
  EXPECT_EQ(row.at("per_second").as_double(), 500.0);
  EXPECT_EQ(row.at("unit").as_string(), "images");
  EXPECT_EQ(row.at("threads").as_int(), 2);
  EXPECT_EQ(row.at("gflops").as_double(), 50.0);
  EXPECT_EQ(row.at("percent_of_peak").as_double(), 25.0);
  EXPECT_EQ(row.at("percent_of_product").as_double(), 50.0);
  EXPECT_EQ(row.at("gb_per_second").as_double(), 2.5);
  EXPECT_EQ(row.at("percent_of_copy").as_double(), 25.0);
  EXPECT_EQ(row.at("fma_peak_gflops").as_double(), 200.0);
  EXPECT_EQ(row.at("product_gflops").as_double(), 100.0);
  EXPECT_EQ(row.at("copy_gb_per_second").as_double(), 10.0);
  EXPECT_EQ(row.at("device").as_string(), "cpu");
  EXPECT_FALSE(row.has("note"));
  for (const char* absent : {"direction", "provider", "gflops", "gb_per_second", "kernels"}) {
    EXPECT_FALSE(rows[1].has(absent)) << absent;
  }
}

TEST(BenchReport, CsvHasAFieldForEveryColumnInEveryLine) {
  const auto lines = lines_of(print(BenchFormat::csv));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[0].starts_with("name,case,direction,provider,ms_median,ms_p10,ms_p90,"));
  EXPECT_NE(lines[1].find(R"(,"simt, ""128x64""",)"), std::string::npos) << lines[1];
  EXPECT_TRUE(lines[1].starts_with("conv,layer,dx,automatic,2.0,1.5,2.5,7,")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("startup,process,,,80.0,")) << lines[2];
  const auto commas = [](const std::string& line) {
    return std::count(line.begin(), line.end(), ',');
  };
  EXPECT_EQ(commas(lines[1]), commas(lines[0]) + 1);  // one more within quotation marks
  EXPECT_EQ(commas(lines[2]), commas(lines[0]));
}

TEST(BenchReport, MarkdownHasATableOfEqualRows) {
  const auto lines = lines_of(print(BenchFormat::markdown));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0],
            "cpu, f32, 2 threads; measured ceilings: copy 10.0 GB/s, matrix product 100 GFLOP/s, "
            "multiply-add peak 200 GFLOP/s");
  for (std::size_t i = 2; i < lines.size(); ++i) {
    EXPECT_EQ(std::count(lines[i].begin(), lines[i].end(), '|'), 15) << lines[i];
  }
  EXPECT_TRUE(lines[4].starts_with("| conv | layer | dx | automatic | 2.000 | 1.500 | 2.500 |"))
      << lines[4];
}

TEST(BenchReport, TheTableNamesItsColumnsAndNotes) {
  BenchSetting emulated = setting();
  emulated.note = "emulated: times mean nothing";
  const auto lines = lines_of(print(BenchFormat::table, emulated));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[1], "emulated: times mean nothing");
  EXPECT_TRUE(lines[3].starts_with("benchmark    case"));
  EXPECT_NE(lines[4].find("50.0%"), std::string::npos) << lines[4];
  EXPECT_EQ(lines[4].find("2.000"), lines[5].find("80.000") + 1);  // numbers end below one another
  const Json rows = Json::parse(print(BenchFormat::json, emulated));
  EXPECT_EQ(rows[0].at("note").as_string(), "emulated: times mean nothing");
}

TEST(BenchReport, FormatsAreKnownByName) {
  EXPECT_EQ(parse_bench_format("table"), BenchFormat::table);
  EXPECT_EQ(parse_bench_format("markdown"), BenchFormat::markdown);
  EXPECT_EQ(parse_bench_format("csv"), BenchFormat::csv);
  EXPECT_EQ(parse_bench_format("json"), BenchFormat::json);
  try {
    parse_bench_format("jsno");
    FAIL() << "accepted";
  } catch (const ArgumentError& error) {
    EXPECT_NE(std::string(error.what()).find("got 'jsno'; did you mean json?"), std::string::npos);
  }
}

}  // namespace
}  // namespace lrcn::test
