#include "tests/reference/values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"

namespace lrcn::test {

std::vector<double> make_values(Values kind, std::int64_t count, std::uint32_t stream) {
  const Random random(7, Purpose::initialize, stream);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = kind == Values::integer ? double(random.below(9, 0, i)) - 4.0
                                        : double(random.uniform(0, i) * 2.0f - 1.0f);
  }
  return values;
}

double largest(const std::vector<double>& values) {
  double most = 0.0;
  for (const double value : values) {
    most = std::max(most, std::abs(value));
  }
  return most;
}

void expect_close(const char* what, const std::vector<double>& actual,
                  const std::vector<double>& expected, double bound, double relative) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  std::size_t worst = 0;
  double worst_error = 0.0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double beyond = std::abs(actual[i] - expected[i]) - relative * std::abs(expected[i]);
    const double error = beyond < 0.0 ? 0.0 : beyond;  // NaN stays
    if (!(error <= worst_error)) {                     // also true for NaN
      worst = i;
      worst_error = error;
    }
    if (std::isnan(error)) {
      break;
    }
  }
  EXPECT_LE(worst_error, bound) << what << ": element " << worst << " of " << actual.size()
                                << " is " << (actual.empty() ? 0.0 : actual[worst]) << ", expected "
                                << (actual.empty() ? 0.0 : expected[worst]);
}

}  // namespace lrcn::test
