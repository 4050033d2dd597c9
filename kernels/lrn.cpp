#include "kernels/lrn.h"

#include <cmath>

#include "kernels/check_tensor.h"

namespace lrcn {

void check_lrn(const LrnProblem& problem, Device device) {
  check_element("lrn", "x", problem.x, device);
  check(problem.x.shape.rank() == 4, "lrn: x must be [N,C,H,W], got ", problem.x);
  check(problem.x.elements() > 0, "lrn: every extent of x must be >= 1, got ", problem.x);
  check(problem.size >= 1 && problem.size % 2 == 1, "lrn: size must be odd and >= 1, got ",
        problem.size);
  check(std::isfinite(problem.k) && problem.k > 0.0f, "lrn: k must be > 0, got ", problem.k);
  check(std::isfinite(problem.alpha) && problem.alpha >= 0.0f, "lrn: alpha must be >= 0, got ",
        problem.alpha);
  check(std::isfinite(problem.beta), "lrn: beta must be finite, got ", problem.beta);
}

}  // namespace lrcn
