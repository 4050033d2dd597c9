// Matrix products in double precision.
#pragma once

#include <vector>

#include "kernels/matmul.h"

namespace lrcn::test {

// c: what it held before; only read with accumulate.
std::vector<double> matmul_reference(const MatmulProblem& p, const std::vector<double>& a,
                                     const std::vector<double>& b, const std::vector<double>& bias,
                                     std::vector<double> c);

}  // namespace lrcn::test
