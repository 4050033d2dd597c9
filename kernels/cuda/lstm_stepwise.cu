// The steps of an LSTM, each by a product with W_hh and one kernel for all that follows it. Rows
// that start need no mask before the product: a row of it depends on that row alone, and is not
// looked at.
#include "kernels/cuda/lstm_gates.h"
#include "kernels/cuda/lstm_steps.h"
#include "kernels/cuda/matrix_walk.h"
#include "kernels/matmul.h"
#include "kernels/partition.h"

namespace lrcn::cuda {
namespace {

// product: [N, 4H], h_{t-1} W_hh^T; not read for rows without past.
__global__ void lstm_forward_kernel(LstmForwardSequence s, std::int64_t t, const float* product) {
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
__global__ void lstm_backward_kernel(LstmBackwardSequence s, std::int64_t t, const float* dh,
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
__global__ void lstm_initial_gradient_kernel(LstmBackwardSequence s, const float* dh) {
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

std::string stepwise(Precision precision) { return concat("stepwise ", precision); }

class StepwiseForward final : public LstmForwardSteps {
 public:
  StepwiseForward(Context& context, const LstmProblem& p)
      : shape_(shape_of(p)), precision_(p.precision) {
    product_ = plan_matmul(context, {.m = p.batch,
                                     .n = 4 * p.units,
                                     .k = p.units,
                                     .transpose_b = true,
                                     .precision = p.precision});
    sums_ = scratch_.add_floats(p.batch * 4 * p.units);
    product_scratch_ = scratch_.add(product_->scratch_bytes());
  }

  std::string algorithm() const override { return stepwise(precision_); }
  std::size_t scratch_bytes() const override { return scratch_.bytes(); }

  void run(Context& context, const LstmForwardSequence& s, const Tensor& scratch) const override {
    const Device device = context.device();
    float* sums = floats_at(scratch, sums_);
    for (std::int64_t t = 0; t < s.steps; ++t) {
      const float* h_before = t == 0 ? s.h0 : s.y + (t - 1) * s.batch * s.units;
      if (h_before != nullptr) {
        product_->run(context,
                      {.a = matrix_at(h_before, s.batch, s.units, device),
                       .b = matrix_at(s.weight_hh, 4 * s.units, s.units, device),
                       .bias = {},
                       .c = matrix_at(sums, s.batch, 4 * s.units, device),
                       .scratch = bytes_at(scratch, product_scratch_, product_->scratch_bytes())});
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_forward_kernel, s, t, sums);
    }
  }

 private:
  MatrixGrid shape_;
  Precision precision_;
  std::unique_ptr<MatmulKernel> product_;  // h W_hh^T
  Partition scratch_;
  std::size_t sums_ = 0, product_scratch_ = 0;
};

class StepwiseBackward final : public LstmBackwardSteps {
 public:
  StepwiseBackward(Context& context, const LstmProblem& p)
      : shape_(shape_of(p)), precision_(p.precision) {
    product_ = plan_matmul(
        context, {.m = p.batch, .n = p.units, .k = 4 * p.units, .precision = p.precision});
    dh_ = scratch_.add_floats(p.batch * p.units);
    dc_ = scratch_.add_floats(p.batch * p.units);
    product_scratch_ = scratch_.add(product_->scratch_bytes());
  }

  std::string algorithm() const override { return stepwise(precision_); }
  std::size_t scratch_bytes() const override { return scratch_.bytes(); }

  void run(Context& context, const LstmBackwardSequence& s, const Tensor& scratch) const override {
    float* dh = floats_at(scratch, dh_);
    float* dc = floats_at(scratch, dc_);
    for (std::int64_t t = s.steps - 1; t >= 0; --t) {
      if (t < s.steps - 1) {
        multiply(context, s, t + 1, scratch);
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_backward_kernel, s, t, dh, dc);
    }
    if (s.dh0 != nullptr) {
      if (s.c0 != nullptr) {
        multiply(context, s, 0, scratch);
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_initial_gradient_kernel, s, dh);
    }
  }

 private:
  // dh = dgates_t W_hh
  void multiply(Context& context, const LstmBackwardSequence& s, std::int64_t t,
                const Tensor& scratch) const {
    const Device device = context.device();
    const float* dgates = s.gates + t * s.batch * 4 * s.units;
    product_->run(context,
                  {.a = matrix_at(dgates, s.batch, 4 * s.units, device),
                   .b = matrix_at(s.weight_hh, 4 * s.units, s.units, device),
                   .bias = {},
                   .c = matrix_at(floats_at(scratch, dh_), s.batch, s.units, device),
                   .scratch = bytes_at(scratch, product_scratch_, product_->scratch_bytes())});
  }

  MatrixGrid shape_;
  Precision precision_;
  std::unique_ptr<MatmulKernel> product_;  // dgates W_hh
  Partition scratch_;
  std::size_t dh_ = 0, dc_ = 0, product_scratch_ = 0;
};

}  // namespace

std::unique_ptr<LstmForwardSteps> plan_stepwise_forward(Context& context,
                                                        const LstmProblem& problem) {
  return std::make_unique<StepwiseForward>(context, problem);
}

std::unique_ptr<LstmBackwardSteps> plan_stepwise_backward(Context& context,
                                                          const LstmProblem& problem) {
  return std::make_unique<StepwiseBackward>(context, problem);
}

}  // namespace lrcn::cuda
