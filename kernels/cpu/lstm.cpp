#include <algorithm>
#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/lstm_sequence.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {

CpuLstm::CpuLstm(Context& context, const LstmProblem& problem)
    : problem_(problem),
      rows_(problem.steps * problem.batch),
      state_(problem.batch * problem.units),
      gates_(4 * problem.units),
      project_(problem.inputs > 0 && problem.steps > 1),
      step_(plan_lstm_step(problem, !project_)),
      products_(context, problem, project_),
      saved_(problem) {
  const auto& p = problem_;
  if (!p.backward) {
    scratch_gates_ = forward_scratch_.add_floats(project_ ? rows_ * gates_ : 0);
    scratch_c_ = forward_scratch_.add_floats(state_);
  }
  scratch_past_ = forward_scratch_.add_floats(p.cont ? state_ : 0);
  scratch_products_ = forward_scratch_.add(products_.forward_scratch_bytes());
  if (p.backward) {
    back_dc_ = backward_scratch_.add_floats(state_);
    back_past_ = backward_scratch_.add_floats(p.initial_state || p.cont ? p.steps * state_ : 0);
    back_products_ = backward_scratch_.add(products_.backward_scratch_bytes());
  }
}

std::string CpuLstm::algorithms() const {
  return concat("forward stepwise ", problem_.bf16_weights ? "f32 with bf16 weights" : "f32",
                problem_.backward ? ", backward stepwise f32" : "");
}

void CpuLstm::pack(Context&, const LstmWeights& weights, Tensor packed) const {
  check_lstm(problem_, weights);
  check_bytes("lstm", "packed", packed, packed_bytes());
  step_->pack(weights, packed.data);
}

// cont: [N] of step t, or nullptr.
Past CpuLstm::past_of(const float* cont, std::int64_t t) const {
  if (t == 0 && !problem_.initial_state) {
    return Past::none;
  }
  if (cont == nullptr) {
    return Past::all;
  }
  const std::int64_t count = problem_.batch - std::count(cont, cont + problem_.batch, 0.0f);
  return count == 0 ? Past::none : (count == problem_.batch ? Past::all : Past::some);
}

// to: [N, H] = from where cont is set, else 0. from may be to.
void CpuLstm::copy_continued(const float* from, const float* cont, float* to) const {
  const std::int64_t units = problem_.units;
  for_rows(problem_.batch, units, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      if (cont != nullptr && cont[n] == 0.0f) {
        std::fill(to + n * units, to + (n + 1) * units, 0.0f);
      } else if (to != from) {
        std::copy(from + n * units, from + (n + 1) * units, to + n * units);
      }
    }
  });
}

void CpuLstm::forward(Context& context, const LstmForward& arguments) const {
  check_lstm(problem_, arguments);
  check_bytes("lstm", "packed", arguments.packed, packed_bytes());
  check_bytes("lstm", "saved", arguments.saved, saved_bytes());
  check_bytes("lstm", "scratch", arguments.scratch, forward_scratch_bytes());
  const bool backward = problem_.backward;
  const std::int64_t batch = problem_.batch;
  float* gates = nullptr;  // [T, N, 4H]
  if (backward) {
    gates = floats_at(arguments.saved, saved_.gates);
  } else if (project_) {
    gates = floats_at(arguments.scratch, scratch_gates_);
  }
  const float* bias = arguments.weights.bias.as<float>();
  if (project_) {
    products_.project(
        context, arguments, matrix_at(gates, rows_, gates_, Device::cpu()),
        bytes_at(arguments.scratch, scratch_products_, products_.forward_scratch_bytes()));
  }

  float* y = arguments.y.as<float>();
  float* c =
      backward ? floats_at(arguments.saved, saved_.c) : floats_at(arguments.scratch, scratch_c_);
  const float* h_before = problem_.initial_state ? arguments.h0.as<float>() : nullptr;
  const float* c_before = problem_.initial_state ? arguments.c0.as<float>() : nullptr;
  if (backward && problem_.initial_state) {
    // The state may be overwritten before backward.
    const float* cont = problem_.cont ? arguments.cont.as<float>() : nullptr;
    float* h0 = floats_at(arguments.saved, saved_.h0);
    float* c0 = floats_at(arguments.saved, saved_.c0);
    copy_continued(h_before, cont, h0);
    copy_continued(c_before, cont, c0);
    h_before = h0;
    c_before = c0;
  }
  for (std::int64_t t = 0; t < problem_.steps; ++t) {
    const float* cont = problem_.cont ? arguments.cont.as<float>() + t * batch : nullptr;
    const Past past = past_of(cont, t);
    if (past == Past::some) {
      float* masked = floats_at(arguments.scratch, scratch_past_);
      copy_continued(h_before, cont, masked);
      h_before = masked;
    }
    const bool any = past != Past::none;
    step_->forward(
        arguments.packed.data,
        {.x = problem_.inputs > 0 ? arguments.x.as<float>() : nullptr,
         .h_before = any ? h_before : nullptr,
         .base = project_ ? gates + t * batch * gates_ : bias,
         .base_stride = project_ ? gates_ : 0,
         .static_gates = problem_.static_gates ? arguments.static_gates.as<float>() : nullptr,
         .c_before = any ? c_before : nullptr,
         .cont = past == Past::some ? cont : nullptr,
         .gates = backward ? gates + t * batch * gates_ : nullptr,
         .c = c,
         .y = y + t * state_});
    h_before = y + t * state_;
    c_before = c;
    c += backward ? state_ : 0;
  }
  const std::size_t bytes = std::size_t(state_) * sizeof(float);
  if (arguments.h_last) {
    std::memcpy(arguments.h_last.data, h_before, bytes);
  }
  if (arguments.c_last) {
    std::memcpy(arguments.c_last.data, c_before, bytes);
  }
}

std::unique_ptr<LstmKernel> plan_lstm(Context& context, const LstmProblem& problem) {
  check_lstm(problem);
  check(problem.dtype == DType::f32, "lstm: dtype must be f32 on the CPU, got ", problem.dtype);
  return std::make_unique<CpuLstm>(context, problem);
}

}  // namespace lrcn::cpu
