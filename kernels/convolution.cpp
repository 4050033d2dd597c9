#include "kernels/convolution.h"

namespace lrcn {

Shape convolution_shape(const ConvolutionProblem& problem) {
  const Shape& x = problem.x.shape;
  check(problem.x.dtype == DType::f32 && x.rank() == 4,
        "convolution: x must be f32 [N,C,H,W], got ", problem.x);
  check(x.elements() > 0, "convolution: every extent of x must be >= 1, got ", problem.x);
  const std::int64_t k = problem.out_channels;
  check(k >= 1, "convolution: the number of output channels must be >= 1, got ", k);
  check(problem.groups >= 1 && x[1] % problem.groups == 0 && k % problem.groups == 0,
        "convolution: groups must divide ", x[1], " input and ", k, " output channels, got ",
        problem.groups);
  const WindowCount count =
      count_windows("convolution", x[2], x[3], problem.window, Rounding::down);
  return {x[0], k, count.h, count.w};
}

}  // namespace lrcn
