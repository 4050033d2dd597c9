#include <algorithm>
#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/lstm_sequence.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {

// Gradients of the pre-activations of all steps, in place of the gates, and of the initial state.
void CpuLstm::run_steps_back(const LstmBackward& arguments, float* gates, const float* c) const {
  const LstmForward& forward = arguments.forward;
  const std::int64_t batch = problem_.batch;
  const float* conts = problem_.cont ? forward.cont.as<float>() : nullptr;
  const float* c0 = problem_.initial_state ? floats_at(forward.saved, saved_c0_) : nullptr;
  const float* dy = arguments.dy ? arguments.dy.as<float>() : nullptr;
  const float* dh_last = arguments.dh_last ? arguments.dh_last.as<float>() : nullptr;
  const float* dc_after = arguments.dc_last ? arguments.dc_last.as<float>() : nullptr;
  const float* dgates_after = nullptr;
  const float* cont_after = nullptr;
  float* dc = floats_at(arguments.scratch, back_dc_);
  for (std::int64_t t = problem_.steps - 1; t >= 0; --t) {
    const float* cont = conts != nullptr ? conts + t * batch : nullptr;
    const Past past = past_of(cont, t);
    const float* chosen = past == Past::some ? cont : nullptr;
    float* here = gates + t * batch * gates_;
    step_->backward(forward.packed.data,
                    {.dgates_after = dgates_after,
                     .cont_after = cont_after,
                     .dh_last = t == problem_.steps - 1 ? dh_last : nullptr,
                     .dy = dy != nullptr ? dy + t * state_ : nullptr,
                     .dc_after = dc_after,
                     .c_before = past == Past::none ? nullptr : (t > 0 ? c + (t - 1) * state_ : c0),
                     .cont = chosen,
                     .c = c + t * state_,
                     .gates = here,
                     .dc = dc});
    dc_after = dc;
    dgates_after = past == Past::none ? nullptr : here;
    cont_after = chosen;
  }
  if (arguments.dh0) {
    float* dh0 = arguments.dh0.as<float>();
    if (dgates_after != nullptr) {
      step_->backward_to_h(forward.packed.data, dgates_after, cont_after, dh0);
    } else {
      std::fill(dh0, dh0 + state_, 0.0f);
    }
  }
  if (arguments.dc0) {
    std::memcpy(arguments.dc0.data, dc, std::size_t(state_) * sizeof(float));
  }
}

// past: [T, N, H], the h that every step multiplied, zero for rows that start. Returns the first
// step that has any.
std::int64_t CpuLstm::gather_past(const LstmForward& forward, float* past) const {
  const float* conts = problem_.cont ? forward.cont.as<float>() : nullptr;
  const std::int64_t first = past_of(conts, 0) == Past::none ? 1 : 0;
  if (first == 0) {
    std::memcpy(past, floats_at(forward.saved, saved_h0_), std::size_t(state_) * sizeof(float));
  }
  for (std::int64_t t = 1; t < problem_.steps; ++t) {
    copy_continued(forward.y.as<float>() + (t - 1) * state_,
                   conts != nullptr ? conts + t * problem_.batch : nullptr, past + t * state_);
  }
  return first;
}

// dstatic_gates = sum over t, dbias += sum over t and n of dgates.
void CpuLstm::sum_gates(const LstmBackward& arguments, const float* dgates) const {
  const std::int64_t batch = problem_.batch;
  const std::int64_t gates = gates_;
  const std::int64_t steps = problem_.steps;
  const float* summands = dgates;
  std::int64_t count = rows_;
  if (arguments.dstatic_gates) {
    float* sums = arguments.dstatic_gates.as<float>();
    for_rows(batch, gates * steps, [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t n = begin; n < end; ++n) {
        float* sum = sums + n * gates;
        std::copy(dgates + n * gates, dgates + (n + 1) * gates, sum);
        for (std::int64_t t = 1; t < steps; ++t) {
          const float* more = dgates + (t * batch + n) * gates;
#pragma omp simd
          for (std::int64_t j = 0; j < gates; ++j) {
            sum[j] += more[j];
          }
        }
      }
    });
    summands = sums;
    count = batch;
  }
  if (!arguments.gradients.bias) {
    return;
  }
  float* dbias = arguments.gradients.bias.as<float>();
  constexpr std::int64_t kColumns = 64;
  for_chunks(gates, kColumns, [=](std::int64_t begin, std::int64_t end) {
    double sums[kColumns] = {};
    for (std::int64_t r = 0; r < count; ++r) {
      const float* row = summands + r * gates + begin;
#pragma omp simd
      for (std::int64_t j = 0; j < end - begin; ++j) {
        sums[j] += double(row[j]);
      }
    }
    for (std::int64_t j = begin; j < end; ++j) {
      dbias[j] += float(sums[j - begin]);
    }
  });
}

void CpuLstm::multiply(Context& context, const LstmBackward& arguments, const MatmulKernel& kernel,
                       const Tensor& a, const Tensor& b, const Tensor& c) const {
  kernel.run(context,
             {.a = a,
              .b = b,
              .bias = {},
              .c = c,
              .scratch = bytes_at(arguments.scratch, back_matmul_, kernel.scratch_bytes())});
}

// dW_hh += dgates^T h_before. dgates: [T N, 4H].
void CpuLstm::multiply_past(Context& context, const LstmBackward& arguments,
                            const Tensor& dgates) const {
  const std::int64_t batch = problem_.batch;
  const std::int64_t units = problem_.units;
  const Tensor& gradient = arguments.gradients.weight_hh;
  const float* past = arguments.forward.y.as<float>();  // of the steps from 1 on
  if (weight_hh_ != nullptr) {
    float* gathered = floats_at(arguments.scratch, back_past_);
    if (gather_past(arguments.forward, gathered) == 0) {
      multiply(context, arguments, *weight_hh_, dgates,
               matrix_at(gathered, rows_, units, Device::cpu()), gradient);
      return;
    }
    past = gathered + state_;
  }
  if (problem_.steps > 1) {
    multiply(context, arguments, *weight_hh_rest_, dgates.rows(batch, rows_),
             matrix_at(past, rows_ - batch, units, Device::cpu()), gradient);
  }
}

void CpuLstm::backward(Context& context, const LstmBackward& arguments) const {
  const LstmForward& forward = arguments.forward;
  check_lstm(problem_, arguments);
  check_bytes("lstm", "packed", forward.packed, packed_bytes());
  check_bytes("lstm", "saved", forward.saved, saved_bytes());
  check_bytes("lstm", "scratch", arguments.scratch, backward_scratch_bytes());
  float* gates = floats_at(forward.saved, saved_gates_);  // [T, N, 4H]
  run_steps_back(arguments, gates, floats_at(forward.saved, saved_c_));
  sum_gates(arguments, gates);

  const Tensor dgates = matrix_at(gates, rows_, gates_, Device::cpu());
  if (const Tensor& gradient = arguments.gradients.weight_ih) {
    multiply(context, arguments, *weight_ih_, dgates, forward.x.reshaped({rows_, problem_.inputs}),
             gradient);
  }
  if (arguments.gradients.weight_hh) {
    multiply_past(context, arguments, dgates);
  }
  if (problem_.input_gradient) {
    multiply(context, arguments, *input_, dgates, forward.weights.weight_ih,
             arguments.dx.reshaped({rows_, problem_.inputs}));
  }
}

}  // namespace lrcn::cpu
