#include "layers/affine_product.h"

#include <algorithm>

namespace lrcn {

AffineProduct::AffineProduct(Context& context, const AffineProblem& problem)
    : rows_(problem.rows),
      y_(plan_matmul(context, {.m = problem.rows,
                               .n = problem.out_features,
                               .k = problem.in_features,
                               .transpose_b = true,
                               .bias = problem.bias,
                               .relu = problem.relu,
                               .pack_b = problem.pack,
                               .precision = context.precision()})) {
  if (problem.input_gradient) {
    dx_ = plan_matmul(context, {.m = problem.rows,
                                .n = problem.in_features,
                                .k = problem.out_features,
                                .precision = context.precision()});
  }
  if (problem.weight_gradient) {
    dw_ = plan_matmul(context, {.m = problem.out_features,
                                .n = problem.in_features,
                                .k = problem.rows,
                                .transpose_a = true,
                                .accumulate = true,
                                .precision = context.precision()});
  }
}

std::size_t AffineProduct::scratch_bytes() const {
  std::size_t bytes = y_->scratch_bytes();
  for (const auto* kernel : {&dx_, &dw_}) {
    bytes = std::max(bytes, *kernel ? (*kernel)->scratch_bytes() : 0);
  }
  return bytes;
}

void AffineProduct::pack(Context& context, Tensor weight, Tensor packed) const {
  y_->pack(context, weight, packed);
}

void AffineProduct::forward(Context& context, const Forward& arguments) const {
  y_->run(context, {.a = arguments.x,
                    .b = arguments.weight,
                    .bias = arguments.bias,
                    .c = arguments.y,
                    .scratch = arguments.scratch});
}

void AffineProduct::input_gradient(Context& context, const InputGradient& arguments) const {
  dx_->run(context, {.a = arguments.dy,
                     .b = arguments.weight,
                     .bias = {},
                     .c = arguments.dx,
                     .scratch = arguments.scratch});
}

void AffineProduct::weight_gradient(Context& context, const WeightGradient& arguments) const {
  dw_->run(context, {.a = arguments.dy,
                     .b = arguments.x,
                     .bias = {},
                     .c = arguments.dw,
                     .scratch = arguments.scratch});
}

}  // namespace lrcn
