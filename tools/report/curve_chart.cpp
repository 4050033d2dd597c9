#include "tools/report/curve_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/error.h"
#include "tools/report/html_text.h"

namespace lrcn {
namespace {

using Points = std::vector<std::pair<double, double>>;

// The drawing in units of about one pixel on a phone, so that its letters stay readable there.
constexpr double kWidth = 440.0, kHeight = 260.0;
constexpr double kLeft = 46.0, kRight = 418.0, kTop = 10.0, kBottom = 222.0;
constexpr std::size_t kMostPoints = 400;
constexpr int kXSteps = 5, kYSteps = 5;

std::string number(double value, const char* format = "%.6g") {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

// "12k" for 12000: step numbers are long.
std::string step_label(double value) {
  return std::fabs(value) >= 1e4 ? number(value / 1e3) + "k" : number(value);
}

struct Axis {
  std::vector<double> ticks;
  double begin, end;  // where the first and the last tick lie in the drawing

  double place(double value) const {
    const double span = ticks.back() - ticks.front();
    return begin + (end - begin) * (value - ticks.front()) / span;
  }
};

Points thinned(const Points& points) {
  if (points.size() <= kMostPoints) {
    return points;
  }
  Points means;
  for (std::size_t bucket = 0; bucket < kMostPoints; ++bucket) {
    const std::size_t first = bucket * points.size() / kMostPoints;
    const std::size_t last = (bucket + 1) * points.size() / kMostPoints;
    double x = 0.0;
    double y = 0.0;
    for (std::size_t i = first; i < last; ++i) {
      x += points[i].first;
      y += points[i].second;
    }
    const double count = double(last - first);
    means.emplace_back(x / count, y / count);
  }
  return means;
}

std::string grid_svg(const Axis& x, const Axis& y, const std::string& x_label) {
  std::string svg;
  for (const double tick : y.ticks) {
    const std::string at = number(y.place(tick), "%.1f");
    svg += concat("<line class=\"grid\" x1=\"", kLeft, "\" x2=\"", kRight, "\" y1=\"", at,
                  "\" y2=\"", at, "\"/><text class=\"tick\" x=\"", kLeft - 6, "\" y=\"", at,
                  "\" text-anchor=\"end\" dy=\".35em\">", number(tick), "</text>");
  }
  for (const double tick : x.ticks) {
    svg += concat("<text class=\"tick\" x=\"", number(x.place(tick), "%.1f"), "\" y=\"",
                  kBottom + 16, "\" text-anchor=\"middle\">", step_label(tick), "</text>");
  }
  return svg + concat("<text class=\"tick\" x=\"", (kLeft + kRight) / 2, "\" y=\"", kHeight - 4,
                      "\" text-anchor=\"middle\">", escape_html(x_label), "</text>");
}

std::string curve_svg(const Curve& curve, const Axis& x, const Axis& y) {
  std::string path;
  std::string dots;
  for (const auto& [px, py] : thinned(curve.points)) {
    const std::string cx = number(x.place(px), "%.1f");
    const std::string cy = number(y.place(py), "%.1f");
    path += concat(path.empty() ? 'M' : 'L', cx, ' ', cy);
    if (curve.marked || curve.points.size() == 1) {
      dots += concat("<circle class=\"dot ", curve.colour, "\" cx=\"", cx, "\" cy=\"", cy,
                     "\" r=\"2.6\"><title>", escape_html(curve.name), ' ', number(py, "%.4g"),
                     " at ", number(px), "</title></circle>");
    }
  }
  return concat("<path class=\"curve ", curve.colour, "\" d=\"", path, "\"/>", dots);
}

std::string legend_html(const CurveChart& chart) {
  std::string legend;
  for (const Curve& curve : chart.curves) {
    if (!curve.points.empty() && chart.curves.size() > 1) {
      legend +=
          concat("<span class=\"key ", curve.colour, "\">", escape_html(curve.name), "</span>");
    }
  }
  return legend.empty() ? "" : "<span class=\"legend\">" + legend + "</span>";
}

}  // namespace

std::vector<double> axis_ticks(double low, double high, int most) {
  if (high - low <= 1e-9 * std::max(std::fabs(low), std::fabs(high))) {
    const double margin = low == 0.0 ? 1.0 : std::fabs(low) * 0.1;
    return axis_ticks(low - margin, high + margin, most);
  }
  const double power = std::pow(10.0, std::floor(std::log10((high - low) / most)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    const double step = factor * power;
    const double first = std::floor(low / step + 1e-9);
    const double last = std::ceil(high / step - 1e-9);
    if (last - first <= most + 1 || factor == 10.0) {
      std::vector<double> ticks;
      for (double i = first; i <= last; ++i) {
        ticks.push_back(i * step);
      }
      return ticks;
    }
  }
  return {low, high};
}

std::string chart_html(const CurveChart& chart) {
  Points all;
  for (const Curve& curve : chart.curves) {
    const Points drawn = thinned(curve.points);
    all.insert(all.end(), drawn.begin(), drawn.end());
  }
  if (all.empty()) {
    return {};
  }
  const auto [left, right] = std::minmax_element(all.begin(), all.end());
  const auto [low, high] = std::minmax_element(
      all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const double floor = chart.from_zero ? std::min(0.0, low->second) : low->second;
  const Axis x{axis_ticks(std::min(0.0, left->first), right->first, kXSteps), kLeft, kRight};
  const Axis y{axis_ticks(floor, high->second, kYSteps), kBottom, kTop};
  std::string curves;
  for (const Curve& curve : chart.curves) {
    curves += curve.points.empty() ? "" : curve_svg(curve, x, y);
  }
  return concat("<figure class=\"chart\"><figcaption>", escape_html(chart.title),
                legend_html(chart), "</figcaption><svg viewBox=\"0 0 ", kWidth, ' ', kHeight,
                "\" role=\"img\" aria-label=\"", escape_html(chart.title), "\">",
                grid_svg(x, y, chart.x_label), curves, "</svg></figure>\n");
}

}  // namespace lrcn
