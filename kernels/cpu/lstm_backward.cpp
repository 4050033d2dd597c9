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
  const float* c0 = problem_.initial_state ? floats_at(forward.saved, saved_.c0) : nullptr;
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

// The h that steps multiplied, zero in rows that start. [products_.past_rows(), H]
Tensor CpuLstm::gather_past(const LstmBackward& arguments) const {
  const LstmForward& forward = arguments.forward;
  const std::int64_t rows = products_.past_rows();
  const float* y = forward.y.as<float>();
  if (rows == 0) {
    return {};
  }
  if (!problem_.initial_state && !problem_.cont) {
    return matrix_at(y, rows, problem_.units, Device::cpu());
  }
  float* past = floats_at(arguments.scratch, back_past_);
  float* to = past;
  if (problem_.initial_state) {
    std::memcpy(to, floats_at(forward.saved, saved_.h0), std::size_t(state_) * sizeof(float));
    to += state_;
  }
  for (std::int64_t t = 1; t < problem_.steps; ++t) {
    const float* cont = problem_.cont ? forward.cont.as<float>() + t * problem_.batch : nullptr;
    copy_continued(y + (t - 1) * state_, cont, to);
    to += state_;
  }
  return matrix_at(past, rows, problem_.units, Device::cpu());
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

void CpuLstm::backward(Context& context, const LstmBackward& arguments) const {
  const LstmForward& forward = arguments.forward;
  check_lstm(problem_, arguments);
  check_bytes("lstm", "packed", forward.packed, packed_bytes());
  check_bytes("lstm", "saved", forward.saved, saved_bytes());
  check_bytes("lstm", "scratch", arguments.scratch, backward_scratch_bytes());
  float* gates = floats_at(forward.saved, saved_.gates);  // [T, N, 4H]
  run_steps_back(arguments, gates, floats_at(forward.saved, saved_.c));
  sum_gates(arguments, gates);

  products_.backward(
      context, arguments, matrix_at(gates, rows_, gates_, Device::cpu()),
      arguments.gradients.weight_hh ? gather_past(arguments) : Tensor{},
      bytes_at(arguments.scratch, back_products_, products_.backward_scratch_bytes()));
}

}  // namespace lrcn::cpu
