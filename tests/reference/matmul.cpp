#include "tests/reference/matmul.h"

#include <algorithm>

namespace lrcn::test {

std::vector<double> matmul_reference(const MatmulProblem& p, const std::vector<double>& a,
                                     const std::vector<double>& b, const std::vector<double>& bias,
                                     std::vector<double> c) {
  for (std::int64_t i = 0; i < p.m; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) {
      double& sum = c[std::size_t(i * p.n + j)];
      sum = (p.accumulate ? sum : 0.0) + (p.bias ? bias[std::size_t(j)] : 0.0);
      for (std::int64_t l = 0; l < p.k; ++l) {
        sum += a[std::size_t(p.transpose_a ? l * p.m + i : i * p.k + l)] *
               b[std::size_t(p.transpose_b ? j * p.k + l : l * p.n + j)];
      }
      sum = p.relu ? std::max(sum, 0.0) : sum;
    }
  }
  return c;
}

}  // namespace lrcn::test
