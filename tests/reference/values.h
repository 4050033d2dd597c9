// Test values and how closely results must agree.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace lrcn::test {

inline constexpr double kEpsilon = std::numeric_limits<float>::epsilon();

enum class Values : std::uint8_t {
  real,     // floats in [-1, 1)
  integer,  // -4 .. 4: sums of products up to 2^24 are exact in f32
};

// Values that a float holds exactly; another `stream` gives other values.
std::vector<double> make_values(Values kind, std::int64_t count, std::uint32_t stream);

// The largest magnitude.
double largest(const std::vector<double>& values);

// Every element within bound + relative |expected| of what was expected; reports the worst one.
void expect_close(const char* what, const std::vector<double>& actual,
                  const std::vector<double>& expected, double bound, double relative = 0.0);

}  // namespace lrcn::test
