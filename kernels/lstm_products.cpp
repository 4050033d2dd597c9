#include "kernels/lstm_products.h"

#include <algorithm>

namespace lrcn {

LstmProducts::LstmProducts(Context& context, const LstmProblem& p, bool project)
    : rows_(p.steps * p.batch), past_rows_(p.initial_state ? rows_ : rows_ - p.batch) {
  const std::int64_t gates = 4 * p.units;
  if (project) {
    projection_ = plan_matmul(context, {.m = rows_,
                                        .n = gates,
                                        .k = p.inputs,
                                        .transpose_b = true,
                                        .bias = true,
                                        .precision = p.precision,
                                        .a_dtype = p.dtype,
                                        .c_dtype = p.dtype});
  }
  if (!p.backward) {
    return;
  }
  const auto plan = [&](const MatmulProblem& product) {
    auto kernel = plan_matmul(context, product);
    backward_bytes_ = std::max(backward_bytes_, kernel->scratch_bytes());
    return kernel;
  };
  const auto plan_weight = [&](std::int64_t columns, std::int64_t rows) {
    return plan({.m = gates,
                 .n = columns,
                 .k = rows,
                 .transpose_a = true,
                 .accumulate = true,
                 .precision = p.precision,
                 .a_dtype = p.dtype,
                 .b_dtype = p.dtype});
  };
  if (p.inputs > 0) {
    weight_ih_ = plan_weight(p.inputs, rows_);
  }
  if (past_rows_ > 0) {
    weight_hh_ = plan_weight(p.units, past_rows_);
  }
  if (p.input_gradient) {
    input_ = plan({.m = rows_,
                   .n = p.inputs,
                   .k = gates,
                   .precision = p.precision,
                   .a_dtype = p.dtype,
                   .c_dtype = p.dtype});
  }
}

std::size_t LstmProducts::forward_scratch_bytes() const {
  return projection_ == nullptr ? 0 : projection_->scratch_bytes();
}

void LstmProducts::project(Context& context, const LstmForward& arguments, const Tensor& gates,
                           const Tensor& scratch) const {
  const std::int64_t inputs = arguments.x.shape()[2];
  projection_->run(context, {.a = arguments.x.reshaped({rows_, inputs}),
                             .b = arguments.weights.weight_ih,
                             .bias = arguments.weights.bias,
                             .c = gates,
                             .scratch = scratch});
}

void LstmProducts::backward(Context& context, const LstmBackward& arguments, const Tensor& dgates,
                            const Tensor& h_before, const Tensor& scratch) const {
  const auto multiply = [&](const MatmulKernel& kernel, const Tensor& a, const Tensor& b,
                            const Tensor& c) {
    kernel.run(context, {.a = a, .b = b, .bias = {}, .c = c, .scratch = scratch});
  };
  const LstmForward& forward = arguments.forward;
  const LstmWeights& gradients = arguments.gradients;
  if (gradients.weight_ih) {
    multiply(*weight_ih_, dgates, forward.x.reshaped({rows_, forward.x.shape()[2]}),
             gradients.weight_ih);
  }
  if (gradients.weight_hh && h_before) {
    multiply(*weight_hh_, dgates.rows(rows_ - past_rows_, rows_), h_before, gradients.weight_hh);
  }
  if (arguments.dx) {
    multiply(*input_, dgates, forward.weights.weight_ih,
             arguments.dx.reshaped({rows_, forward.x.shape()[2]}));
  }
}

}  // namespace lrcn
