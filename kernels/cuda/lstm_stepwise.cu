// The steps of an LSTM, each by a product with W_hh and one kernel for all that follows it. Rows
// that start need no mask before the product: a row of it depends on that row alone, and is not
// looked at.
#include <algorithm>

#include "core/cuda/stream.h"
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
    const float c = finish_unit(s, at, t, a, c_before);
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
    const bool past = has_past(s.cont, s.c0 != nullptr, t, at.row);
    const bool goes_on = !last && has_past(s.cont, true, t + 1, at.row + s.batch);
    const UnitGradients d =
        unit_gradients(s, at, t, past, goes_on ? dh[at.state] : 0.0f, last ? 0.0f : dc[at.state]);
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

class StepwiseLstm final : public LstmSteps {
 public:
  StepwiseLstm(Context& context, const LstmProblem& problem)
      : batch_(problem.batch), units_(problem.units), shape_(batch_, units_) {
    shape_.grid.y = unsigned((units_ + 31) / 32);  // a thread has enough to do with one unit
    forward_ = plan_matmul(context, {.m = batch_,
                                     .n = 4 * units_,
                                     .k = units_,
                                     .transpose_b = true,
                                     .precision = problem.precision});
    product_ = forward_scratch_.add_floats(batch_ * 4 * units_);
    forward_product_ = forward_scratch_.add(forward_->scratch_bytes());
    if (problem.backward) {
      backward_ = plan_matmul(
          context, {.m = batch_, .n = units_, .k = 4 * units_, .precision = problem.precision});
      dh_ = backward_scratch_.add_floats(batch_ * units_);
      dc_ = backward_scratch_.add_floats(batch_ * units_);
      backward_product_ = backward_scratch_.add(backward_->scratch_bytes());
    }
  }

  std::size_t forward_scratch_bytes() const override { return forward_scratch_.bytes(); }
  std::size_t backward_scratch_bytes() const override { return backward_scratch_.bytes(); }

  void forward(Context& context, const LstmForwardSequence& s,
               const Tensor& scratch) const override {
    const Device device = context.device();
    float* product = floats_at(scratch, product_);
    for (std::int64_t t = 0; t < s.steps; ++t) {
      const float* h_before = t == 0 ? s.h0 : s.y + (t - 1) * batch_ * units_;
      if (h_before != nullptr) {
        forward_->run(context,
                      {.a = matrix_at(h_before, batch_, units_, device),
                       .b = matrix_at(s.weight_hh, 4 * units_, units_, device),
                       .bias = {},
                       .c = matrix_at(product, batch_, 4 * units_, device),
                       .scratch = bytes_at(scratch, forward_product_, forward_->scratch_bytes())});
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_forward_kernel, s, t, product);
    }
  }

  void backward(Context& context, const LstmBackwardSequence& s,
                const Tensor& scratch) const override {
    float* dh = floats_at(scratch, dh_);
    float* dc = floats_at(scratch, dc_);
    for (std::int64_t t = s.steps - 1; t >= 0; --t) {
      if (t < s.steps - 1) {
        multiply_back(context, s, t + 1, scratch);
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_backward_kernel, s, t, dh, dc);
    }
    if (s.dh0 != nullptr) {
      if (s.c0 != nullptr) {
        multiply_back(context, s, 0, scratch);
      }
      launch(context, shape_.grid, shape_.block, 0, lstm_initial_gradient_kernel, s, dh);
    }
  }

 private:
  // dh = dgates_t W_hh
  void multiply_back(Context& context, const LstmBackwardSequence& s, std::int64_t t,
                     const Tensor& scratch) const {
    const Device device = context.device();
    const float* dgates = s.gates + t * batch_ * 4 * units_;
    backward_->run(context,
                   {.a = matrix_at(dgates, batch_, 4 * units_, device),
                    .b = matrix_at(s.weight_hh, 4 * units_, units_, device),
                    .bias = {},
                    .c = matrix_at(floats_at(scratch, dh_), batch_, units_, device),
                    .scratch = bytes_at(scratch, backward_product_, backward_->scratch_bytes())});
  }

  std::int64_t batch_;
  std::int64_t units_;
  MatrixGrid shape_;
  std::unique_ptr<MatmulKernel> forward_;   // h W_hh^T
  std::unique_ptr<MatmulKernel> backward_;  // dgates W_hh
  Partition forward_scratch_, backward_scratch_;
  std::size_t product_ = 0, forward_product_ = 0;
  std::size_t dh_ = 0, dc_ = 0, backward_product_ = 0;
};

}  // namespace

std::unique_ptr<LstmSteps> plan_stepwise_lstm(Context& context, const LstmProblem& problem) {
  return std::make_unique<StepwiseLstm>(context, problem);
}

}  // namespace lrcn::cuda
