#include "layers/affine_product.h"

#include <algorithm>

#include "kernels/cast.h"
#include "kernels/check_tensor.h"

namespace lrcn {

AffineProduct::AffineProduct(Context& context, const AffineProblem& problem)
    : rows_(problem.rows),
      weight_{{problem.out_features, problem.in_features}},
      rounds_(problem.dtype == DType::bf16 || problem.y_dtype == DType::bf16) {
  const DType weight = rounds_ ? DType::bf16 : DType::f32;
  const MatmulLimit rows = problem.limited ? MatmulLimit::rows : MatmulLimit::none;
  y_ = plan_matmul(context, {.m = problem.rows,
                             .n = problem.out_features,
                             .k = problem.in_features,
                             .transpose_b = true,
                             .bias = problem.bias,
                             .relu = problem.relu,
                             .pack_b = problem.pack && !rounds_,
                             .precision = context.precision(),
                             .a_dtype = problem.dtype,
                             .b_dtype = weight,
                             .c_dtype = problem.y_dtype,
                             .c_pitch = problem.y_pitch,
                             .limit = rows});
  if (problem.input_gradient) {
    dx_ = plan_matmul(context, {.m = problem.rows,
                                .n = problem.in_features,
                                .k = problem.out_features,
                                .precision = context.precision(),
                                .a_dtype = problem.y_dtype,
                                .b_dtype = weight,
                                .c_dtype = problem.dtype,
                                .a_pitch = problem.y_pitch,
                                .limit = rows});
  }
  if (problem.weight_gradient) {
    dw_ = plan_matmul(context, {.m = problem.out_features,
                                .n = problem.in_features,
                                .k = problem.rows,
                                .transpose_a = true,
                                .accumulate = true,
                                .precision = context.precision(),
                                .a_dtype = problem.y_dtype,
                                .b_dtype = problem.dtype,
                                .a_pitch = problem.y_pitch,
                                .limit = problem.limited ? MatmulLimit::terms : MatmulLimit::none});
  }
}

std::size_t AffineProduct::packed_bytes() const {
  return rounds_ ? std::size_t(weight_.elements()) * sizeof(BFloat16) : y_->packed_bytes();
}

// What pack() wrote, as a matrix [O, I].
Tensor AffineProduct::rounded(const Tensor& packed) const {
  check_bytes("affine product", "packed", packed, packed_bytes());
  return {packed.data, {weight_.shape, DType::bf16}, packed.device};
}

std::size_t AffineProduct::scratch_bytes() const {
  std::size_t bytes = y_->scratch_bytes();
  for (const auto* kernel : {&dx_, &dw_}) {
    bytes = std::max(bytes, *kernel ? (*kernel)->scratch_bytes() : 0);
  }
  return bytes;
}

void AffineProduct::pack(Context& context, Tensor weight, Tensor packed) const {
  if (rounds_) {
    cast(context, weight, rounded(packed));
  } else {
    y_->pack(context, weight, packed);
  }
}

void AffineProduct::forward(Context& context, const Forward& arguments) const {
  y_->run(context, {.a = arguments.x,
                    .b = rounds_ ? rounded(arguments.weight) : arguments.weight,
                    .bias = arguments.bias,
                    .c = arguments.y,
                    .scratch = arguments.scratch,
                    .limit = arguments.rows.count,
                    .limit_begin = arguments.rows.begin});
}

void AffineProduct::input_gradient(Context& context, const InputGradient& arguments) const {
  dx_->run(context, {.a = arguments.dy,
                     .b = rounds_ ? rounded(arguments.weight) : arguments.weight,
                     .bias = {},
                     .c = arguments.dx,
                     .scratch = arguments.scratch,
                     .limit = arguments.rows.count,
                     .limit_begin = arguments.rows.begin});
}

void AffineProduct::weight_gradient(Context& context, const WeightGradient& arguments) const {
  dw_->run(context, {.a = arguments.dy,
                     .b = arguments.x,
                     .bias = {},
                     .c = arguments.dw,
                     .scratch = arguments.scratch,
                     .limit = arguments.rows.count,
                     .limit_begin = arguments.rows.begin});
}

}  // namespace lrcn
