#include "kernels/pooling.h"

namespace lrcn {

Shape pooling_shape(const PoolingProblem& problem) {
  const Shape& x = problem.x.shape;
  check(is_real(problem.x.dtype) && x.rank() == 4, "pooling: x must be f32 or bf16 [N,C,H,W], got ",
        problem.x);
  check(x.elements() > 0, "pooling: every extent of x must be >= 1, got ", problem.x);
  const WindowCount count = count_windows("pooling", x[2], x[3], problem.window, problem.rounding);
  return {x[0], x[1], count.h, count.w};
}

}  // namespace lrcn
