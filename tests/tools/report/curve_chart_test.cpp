#include "tools/report/curve_chart.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lrcn::test {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

Curve line(std::vector<std::pair<double, double>> points) {
  return {.name = "training", .colour = "training", .points = std::move(points), .marked = false};
}

TEST(AxisTicks, AreRoundAndCoverTheRange) {
  EXPECT_EQ(axis_ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(axis_ticks(0, 0.5, 5).size(), 6u);
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{
           {0, 1}, {-3.2, 8.9}, {0.001, 0.00173}, {0, 110'000}, {-1e-12, 5e-12}, {1e9, 2.5e9}}) {
    const std::vector<double> ticks = axis_ticks(low, high, 5);
    EXPECT_LE(ticks.front(), low + 1e-9 * std::fabs(high));
    EXPECT_GE(ticks.back(), high - 1e-9 * std::fabs(high));
    EXPECT_GE(ticks.size(), 2u);
    EXPECT_LE(ticks.size(), 8u) << low << ' ' << high;
  }
}

TEST(AxisTicks, GiveAConstantSomeRoom) {
  for (const double value : {0.0, 5.0, -2.0, 1e-8}) {
    const std::vector<double> ticks = axis_ticks(value, value, 5);
    EXPECT_LT(ticks.front(), value);
    EXPECT_GT(ticks.back(), value);
  }
}

TEST(CurveChart, DrawsAPathForEachCurve) {
  const std::string html = chart_html({.title = "Loss & more",
                                       .x_label = "step",
                                       .curves = {line({{0, 3}, {10, 1}}), line({{0, 2}, {10, 2}})},
                                       .from_zero = true});
  EXPECT_EQ(count(html, "<path"), 2u);
  EXPECT_EQ(count(html, "class=\"key"), 2u);
  EXPECT_NE(html.find("Loss &amp; more"), std::string::npos);
  EXPECT_EQ(count(html, "<svg"), 1u);
  EXPECT_EQ(html.find("nan"), std::string::npos);
}

TEST(CurveChart, LeavesOutWhatHasNoPoints) {
  EXPECT_EQ(chart_html({.title = "x", .x_label = "", .curves = {line({})}}), "");
  EXPECT_EQ(chart_html({.title = "x", .x_label = "", .curves = {}}), "");
  const std::string html =
      chart_html({.title = "x", .x_label = "", .curves = {line({}), line({{1, 1}, {2, 2}})}});
  EXPECT_EQ(count(html, "<path"), 1u);
}

TEST(CurveChart, ShowsASinglePointAsADot) {
  const std::string html = chart_html({.title = "x", .x_label = "", .curves = {line({{7, 0.5}})}});
  EXPECT_EQ(count(html, "<circle"), 1u);
  EXPECT_EQ(html.find("nan"), std::string::npos);
  EXPECT_EQ(html.find("inf"), std::string::npos);
}

TEST(CurveChart, ThinsLongCurvesToMeans) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 100'000; ++i) {
    points.emplace_back(i, i % 2 == 0 ? 0.0 : 1000.0);
  }
  const std::string html = chart_html({.title = "x", .x_label = "", .curves = {line(points)}});
  EXPECT_LT(html.size(), 20'000u);
  EXPECT_EQ(html.find("1000"), std::string::npos) << "the mean is 500";
}

}  // namespace
}  // namespace lrcn::test
