// Matrix products by loops, in blocks that stay in the cache: for products of no elements, and
// where there is no library.
#pragma once

#include "kernels/matmul.h"

namespace lrcn::cpu {

std::unique_ptr<MatmulKernel> plan_plain_matmul(const MatmulProblem& problem);

}  // namespace lrcn::cpu
