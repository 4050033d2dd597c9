// Softmax cross-entropy in double.
#pragma once

#include <vector>

#include "tests/reference/softmax.h"

namespace lrcn::reference {

struct CrossEntropy {
  double loss = 0.0;
  std::int64_t correct = 0;
  std::vector<double> row_nll;
  std::vector<double> gradient;  // [M, V], of scale times the loss
};

inline CrossEntropy cross_entropy(const std::vector<float>& logits, std::int64_t width,
                                  const std::vector<std::int32_t>& targets, std::int32_t ignore,
                                  double scale) {
  CrossEntropy result;
  for (std::size_t m = 0; m < targets.size(); ++m) {
    const std::vector<double> x = row_of(logits, std::int64_t(m), width);
    const std::vector<double> p = softmax(x);
    const bool counts = targets[m] != ignore;
    for (std::int64_t v = 0; v < width; ++v) {
      const double onehot = v == targets[m] ? 1.0 : 0.0;
      result.gradient.push_back(counts ? (p[std::size_t(v)] - onehot) * scale : 0.0);
    }
    result.row_nll.push_back(counts ? log_sum_exp(x) - x[std::size_t(targets[m])] : 0.0);
    result.loss += result.row_nll.back();
    const auto best = std::max_element(x.begin(), x.end()) - x.begin();
    result.correct += counts && best == targets[m];
  }
  return result;
}

}  // namespace lrcn::reference
