#include "kernels/convolution.h"

namespace lrcn {

Shape convolution_shape(const ConvolutionProblem& problem) {
  const Shape& x = problem.x.shape;
  const bool narrow = problem.x.dtype == DType::bf16;
  check((narrow || problem.x.dtype == DType::f32) && x.rank() == 4,
        "convolution: x must be f32 or bf16 [N,C,H,W], got ", problem.x);
  const DType y = problem.y_dtype;
  check(y == DType::bf16 || (y == DType::f32 && !narrow), "convolution: y must be bf16",
        narrow ? " like x" : " or f32", ", got ", y);
  check(y == DType::f32 || problem.precision == Precision::bf16,
        "convolution: bf16 in memory needs precision bf16, got ", problem.precision);
  check(x.elements() > 0, "convolution: every extent of x must be >= 1, got ", problem.x);
  const std::int64_t k = problem.out_channels;
  check(k >= 1, "convolution: the number of output channels must be >= 1, got ", k);
  check(problem.groups >= 1 && x[1] % problem.groups == 0 && k % problem.groups == 0,
        "convolution: groups must divide ", x[1], " input and ", k, " output channels, got ",
        problem.groups);
  WindowCount count = count_windows("convolution", x[2], x[3], problem.window, Rounding::down);
  if (problem.pool) {
    count = count_windows("pooling", count.h, count.w, Window::square(2, 2), Rounding::down);
  }
  return {x[0], k, count.h, count.w};
}

void check_convolution_of_floats(const ConvolutionProblem& problem, const char* backend) {
  check(problem.x.dtype == DType::f32 && problem.y_dtype == DType::f32,
        "convolution: x and y must be f32 on ", backend, ", got ", problem.x.dtype, " and ",
        problem.y_dtype);
}

}  // namespace lrcn
