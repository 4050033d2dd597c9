// Curves as inline SVG.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lrcn {

struct Curve {
  std::string name;
  std::string colour;                             // of the style sheet: "training", "validation"
  std::vector<std::pair<double, double>> points;  // x ascending, all finite
  bool marked = false;                            // few points: each gets a dot
};

struct CurveChart {
  std::string title;
  std::string x_label;
  std::vector<Curve> curves;
  bool from_zero = false;  // the y axis begins at 0
};

// A figure with its title, legend (for more than one curve), axes and grid. Curves of many points
// are thinned to means of neighbouring ones. Empty when no curve has a point.
std::string chart_html(const CurveChart& chart);

// Round numbers that cover [low, high] in at most `most` + 1 steps of 1, 2 or 5 times a power of
// ten, ascending. low <= high, both finite.
std::vector<double> axis_ticks(double low, double high, int most);

}  // namespace lrcn
