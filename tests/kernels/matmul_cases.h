// The products that every backend has to get right.
#pragma once

#include <gtest/gtest.h>

#include "tests/reference/matmul.h"
#include "tests/reference/values.h"

namespace lrcn::test {

struct MatmulSize {
  std::int64_t m, n, k;
};

inline const MatmulSize kMatmulSizes[] = {
    {1, 1, 1},    {1, 33, 31},  {2, 64, 128},  {3, 100, 65},  {4, 31, 32},   {5, 1000, 96},
    {31, 33, 32}, {32, 31, 33}, {33, 32, 31},  {64, 1, 64},   {1, 1, 300},   {100, 257, 8},
    {16, 40, 1},  {17, 19, 17}, {129, 65, 64}, {24, 96, 256}, {8, 48, 2000},
};

inline const MatmulSize kEmptyMatmulSizes[] = {
    {0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {0, 0, 0}, {2, 40, 0}};

// Every combination of options that belongs together.
template <class Visit>
void for_each_matmul(const MatmulSize& size, Visit&& visit) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    const auto bit = [&](unsigned i) { return ((bits >> i) & 1u) != 0; };
    const MatmulProblem problem{.m = size.m,
                                .n = size.n,
                                .k = size.k,
                                .transpose_a = bit(0),
                                .transpose_b = bit(1),
                                .accumulate = bit(2),
                                .bias = bit(3),
                                .relu = bit(4),
                                .pack_b = bit(5)};
    if (!(problem.relu && problem.accumulate)) {
      SCOPED_TRACE(concat(size.m, " x ", size.n, " x ", size.k, ", options ", bits));
      visit(problem);
    }
  }
}

struct MatmulOperands {
  std::vector<double> a, b, bias, c;
};

inline MatmulOperands matmul_operands(const MatmulProblem& p, Values kind) {
  return {make_values(kind, p.m * p.k, 1), make_values(kind, p.k * p.n, 2),
          make_values(kind, p.n, 3), make_values(kind, p.m * p.n, 4)};
}

inline std::vector<double> expected(const MatmulProblem& p, const MatmulOperands& operands) {
  return matmul_reference(p, operands.a, operands.b, operands.bias, operands.c);
}

}  // namespace lrcn::test
