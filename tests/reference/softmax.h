// Softmax over rows in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace lrcn::reference {

// log sum_v exp(x_v) of one row.
inline double log_sum_exp(const std::vector<double>& x) {
  const double largest = *std::max_element(x.begin(), x.end());
  double sum = 0.0;
  for (const double v : x) {
    sum += std::exp(v - largest);
  }
  return largest + std::log(sum);
}

inline std::vector<double> softmax(const std::vector<double>& x) {
  const double log_sum = log_sum_exp(x);
  std::vector<double> y;
  for (const double v : x) {
    y.push_back(std::exp(v - log_sum));
  }
  return y;
}

// Row r of a matrix with rows of `width` floats.
inline std::vector<double> row_of(const std::vector<float>& matrix, std::int64_t r,
                                  std::int64_t width) {
  const auto begin = matrix.begin() + r * width;
  return {begin, begin + width};
}

}  // namespace lrcn::reference
