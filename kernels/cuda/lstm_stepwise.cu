// The steps of an LSTM, each by a product with W_hh and one kernel for all that follows it. Rows
// that start need no mask before the product: a row of it depends on that row alone, and is not
// looked at.
#include "kernels/cast.h"
#include "kernels/cuda/lstm_gates.h"
#include "kernels/cuda/lstm_steps.h"
#include "kernels/cuda/matrix_walk.h"
#include "kernels/matmul.h"
#include "kernels/partition.h"

namespace lrcn::cuda {
namespace {

// product: [N, 4H], h_{t-1} W_hh^T; not read for rows without past.
template <class T>
__global__ void lstm_forward_kernel(LstmForwardSequence<T> s, std::int64_t t,
                                    const float* product) {
  walk_matrix(s.batch, s.units, [=](std::int64_t n, std::int64_t unit) {
    const UnitPlace at(s, t, n, unit);
    Gates a = given_gates(s, at, n, unit);
    float c_before = 0.0f;
    if (has_past(s.cont, s.h0 != nullptr, t, at.row)) {
      a = load_gates(product + n * 4 * s.units + unit, s.units) + a;
      const std::int64_t before = s.gates != nullptr ? at.output - s.batch * s.units : at.state;
      c_before = t == 0 ? s.c0[at.state] : s.c[before];
    }
    const float c = finish_unit(s, at, t, a, c_before).c;
    if (s.gates == nullptr) {
      s.c[at.state] = c;
    }
  });
}

// dh: [N, H], dgates_{t+1} W_hh; dc: [N, H], of c_t in, of c_{t-1} out. Neither is read at the last
// step.
template <class T>
__global__ void lstm_backward_kernel(LstmBackwardSequence<T> s, std::int64_t t, const float* dh,
                                     float* dc) {
  walk_matrix(s.batch, s.units, [=](std::int64_t n, std::int64_t unit) {
    const UnitPlace at(s, t, n, unit);
    const bool last = t == s.steps - 1;
    const bool goes_on = !last && has_past(s.cont, true, t + 1, at.row + s.batch);
    const UnitGradients d = unit_gradients(load_record(s, at, t), goes_on ? dh[at.state] : 0.0f,
                                           last ? 0.0f : dc[at.state]);
    store_gates(d.da, s.gates + at.gates, s.units);
    dc[at.state] = d.dc_before;
    if (t == 0 && s.dc0 != nullptr) {
      s.dc0[at.state] = d.dc_before;
    }
  });
}

// dh0 = dh in rows that continue, else 0.
template <class T>
__global__ void lstm_initial_gradient_kernel(LstmBackwardSequence<T> s, const float* dh) {
  walk_matrix(s.batch, s.units, [=](std::int64_t n, std::int64_t unit) {
    const std::int64_t at = n * s.units + unit;
    s.dh0[at] = has_past(s.cont, s.c0 != nullptr, 0, n) ? dh[at] : 0.0f;
  });
}

// A thread has enough to do with one unit of some rows.
MatrixGrid shape_of(const LstmProblem& problem) {
  MatrixGrid shape(problem.batch, problem.units);
  shape.grid.y = unsigned((problem.units + shape.block.x - 1) / shape.block.x);
  return shape;
}

// A factor of the products as they read it: f32 as it is, or rounded to bf16 into `to`. from:
// [rows, columns].
template <class T>
Tensor factor(Context& context, const float* from, std::int64_t rows, std::int64_t columns, T* to) {
  const Tensor whole = matrix_at(from, rows, columns, context.device());
  if constexpr (std::is_same_v<T, float>) {
    return whole;
  } else {
    const Tensor rounded = matrix_at(to, rows, columns, context.device());
    cast(context, whole, rounded);
    return rounded;
  }
}

// The memory that factor() needs.
template <class T>
std::size_t add_factor(Partition& scratch, std::int64_t elements) {
  return scratch.add_elements<T>(std::is_same_v<T, float> ? 0 : elements);
}

std::string stepwise(Precision precision) { return concat("stepwise ", precision); }

template <class T>
class StepwiseForward final : public LstmForwardSteps<T> {
 public:
  StepwiseForward(Context& context, const LstmProblem& p)
      : shape_(shape_of(p)), precision_(p.precision) {
    product_ = plan_matmul(context, {.m = p.batch,
                                     .n = 4 * p.units,
                                     .k = p.units,
                                     .transpose_b = true,
                                     .precision = p.precision,
                                     .a_dtype = dtype_of<T>,
                                     .b_dtype = dtype_of<T>});
    sums_ = scratch_.add_floats(p.batch * 4 * p.units);
    weight_ = add_factor<T>(scratch_, 4 * p.units * p.units);
    h0_ = add_factor<T>(scratch_, p.initial_state ? p.batch * p.units : 0);
    product_scratch_ = scratch_.add(product_->scratch_bytes());
  }

  std::string algorithm() const override { return stepwise(precision_); }
  std::size_t scratch_bytes() const override { return scratch_.bytes(); }

  void run(Context& context, const LstmForwardSequence<T>& s,
           const Tensor& scratch) const override {
    const Tensor weight =
        factor(context, s.weight_hh, 4 * s.units, s.units, elements_at<T>(scratch, weight_));
    const Tensor sums =
        matrix_at(floats_at(scratch, sums_), s.batch, 4 * s.units, context.device());
    Tensor h_before;
    if (s.h0 != nullptr) {
      h_before = factor(context, s.h0, s.batch, s.units, elements_at<T>(scratch, h0_));
    }
    for (std::int64_t t = 0; t < s.steps; ++t) {
      if (h_before) {
        product_->run(context,
                      {.a = h_before,
                       .b = weight,
                       .bias = {},
                       .c = sums,
                       .scratch = bytes_at(scratch, product_scratch_, product_->scratch_bytes())});
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_forward_kernel<T>, s, t, sums.as<float>());
      h_before = matrix_at(s.y + t * s.batch * s.units, s.batch, s.units, context.device());
    }
  }

 private:
  MatrixGrid shape_;
  Precision precision_;
  std::unique_ptr<MatmulKernel> product_;  // h W_hh^T
  Partition scratch_;
  std::size_t sums_ = 0, weight_ = 0, h0_ = 0, product_scratch_ = 0;
};

template <class T>
class StepwiseBackward final : public LstmBackwardSteps<T> {
 public:
  StepwiseBackward(Context& context, const LstmProblem& p)
      : shape_(shape_of(p)), precision_(p.precision) {
    product_ = plan_matmul(context, {.m = p.batch,
                                     .n = p.units,
                                     .k = 4 * p.units,
                                     .precision = p.precision,
                                     .a_dtype = dtype_of<T>,
                                     .b_dtype = dtype_of<T>});
    dh_ = scratch_.add_floats(p.batch * p.units);
    dc_ = scratch_.add_floats(p.batch * p.units);
    weight_ = add_factor<T>(scratch_, 4 * p.units * p.units);
    product_scratch_ = scratch_.add(product_->scratch_bytes());
  }

  std::string algorithm() const override { return stepwise(precision_); }
  std::size_t scratch_bytes() const override { return scratch_.bytes(); }

  void run(Context& context, const LstmBackwardSequence<T>& s,
           const Tensor& scratch) const override {
    const Tensor weight =
        factor(context, s.weight_hh, 4 * s.units, s.units, elements_at<T>(scratch, weight_));
    const Tensor dh = matrix_at(floats_at(scratch, dh_), s.batch, s.units, context.device());
    float* dc = floats_at(scratch, dc_);
    // dh = dgates_t W_hh
    const auto multiply = [&](std::int64_t t) {
      const T* dgates = s.gates + t * s.batch * 4 * s.units;
      product_->run(context,
                    {.a = matrix_at(dgates, s.batch, 4 * s.units, context.device()),
                     .b = weight,
                     .bias = {},
                     .c = dh,
                     .scratch = bytes_at(scratch, product_scratch_, product_->scratch_bytes())});
    };
    for (std::int64_t t = s.steps - 1; t >= 0; --t) {
      if (t < s.steps - 1) {
        multiply(t + 1);
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_backward_kernel<T>, s, t, dh.as<float>(),
             dc);
    }
    if (s.dh0 != nullptr) {
      if (s.c0 != nullptr) {
        multiply(0);
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_initial_gradient_kernel<T>, s,
             dh.as<float>());
    }
  }

 private:
  MatrixGrid shape_;
  Precision precision_;
  std::unique_ptr<MatmulKernel> product_;  // dgates W_hh
  Partition scratch_;
  std::size_t dh_ = 0, dc_ = 0, weight_ = 0, product_scratch_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<LstmForwardSteps<T>> plan_stepwise_forward(Context& context,
                                                           const LstmProblem& problem) {
  return std::make_unique<StepwiseForward<T>>(context, problem);
}

template <class T>
std::unique_ptr<LstmBackwardSteps<T>> plan_stepwise_backward(Context& context,
                                                             const LstmProblem& problem) {
  return std::make_unique<StepwiseBackward<T>>(context, problem);
}

template std::unique_ptr<LstmForwardSteps<float>> plan_stepwise_forward(Context&,
                                                                        const LstmProblem&);
template std::unique_ptr<LstmForwardSteps<BFloat16>> plan_stepwise_forward(Context&,
                                                                           const LstmProblem&);
template std::unique_ptr<LstmBackwardSteps<float>> plan_stepwise_backward(Context&,
                                                                          const LstmProblem&);
template std::unique_ptr<LstmBackwardSteps<BFloat16>> plan_stepwise_backward(Context&,
                                                                             const LstmProblem&);

}  // namespace lrcn::cuda
