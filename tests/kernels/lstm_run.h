// Runs the LSTM kernel of any device on host vectors, with guarded memory of exactly the sizes it
// asks for.
#pragma once

#include <memory>

#include "tests/kernels/test_tensor.h"
#include "tests/kernels/thread_order.h"
#include "tests/reference/layout.h"
#include "tests/reference/lstm.h"

namespace lrcn {

// Found by GoogleTest beside the type.
inline void PrintTo(const LstmProblem& p, std::ostream* out) {
  *out << 'T' << p.steps << " N" << p.batch << " I" << p.inputs << " H" << p.units
       << (p.cont ? " cont" : "") << (p.static_gates ? " static_gates" : "")
       << (p.initial_state ? " initial_state" : "");
}

}  // namespace lrcn

namespace lrcn::test {

using reference::Doubles;
using reference::LstmData;
using reference::LstmGradients;
using reference::LstmValues;

// What runs the sequence, in which order of its threads.
struct LstmBackend {
  const char* name = "Cpu";
  Device device = {};
  LstmAlgorithm algorithm = LstmAlgorithm::automatic;
  int order = 0;
  // Computes the gradient of static gates, also where a problem has none.
  bool dstatic_gates = true;
  // Plans in place of plan_lstm, where set.
  std::unique_ptr<LstmKernel> (*plan)(Context& context, const LstmProblem& problem) = nullptr;
  // What it lacks besides the device, or nothing.
  std::string (*missing)() = nullptr;
};

inline void PrintTo(const LstmBackend& backend, std::ostream* out) { *out << backend.name; }

inline void copy_floats(const Tensor& from, const Tensor& to) {
  const std::vector<float> values = floats_of(from);
  check(from.bytes() == to.bytes(), "test: ", from.spec, " does not fit ", to.spec);
  upload(to, values.data());
}

inline Doubles to_doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

inline Doubles random_doubles(std::int64_t count, std::uint64_t seed, float magnitude) {
  return to_doubles(random_floats(count, seed, -magnitude, magnitude));
}

inline LstmProblem training(std::int64_t t, std::int64_t n, std::int64_t i, std::int64_t h) {
  return {
      .steps = t, .batch = n, .inputs = i, .units = h, .backward = true, .input_gradient = i > 0};
}

inline LstmProblem with(LstmProblem p, bool cont, bool static_gates, bool initial_state) {
  p.cont = cont;
  p.static_gates = static_gates;
  p.initial_state = initial_state;
  return p;
}

// Everything the problem names, filled with numbers of a sensible size. cont: about 2 of 3 rows
// continue, and step 1 of a longer sequence continues everywhere.
inline LstmData random_lstm(const LstmProblem& p, std::uint64_t seed = 1) {
  const std::int64_t rows = p.steps * p.batch;
  const std::int64_t state = p.batch * p.units;
  const float magnitude = 1.5f / std::sqrt(float(std::max(p.units, p.inputs)));
  LstmData data;
  data.problem = p;
  data.x = random_doubles(rows * p.inputs, seed + 1, 1.0f);
  data.weight_ih = random_doubles(4 * p.units * p.inputs, seed + 2, magnitude);
  data.weight_hh = random_doubles(4 * p.units * p.units, seed + 3, magnitude);
  data.bias = random_doubles(4 * p.units, seed + 4, 0.5f);
  if (p.static_gates) {
    data.static_gates = random_doubles(state * 4, seed + 5, 0.5f);
  }
  if (p.initial_state) {
    data.h0 = random_doubles(state, seed + 6, 0.9f);
    data.c0 = random_doubles(state, seed + 7, 1.5f);
  }
  if (p.cont) {
    for (std::int64_t i = 0; i < rows; ++i) {
      data.cont.push_back(i * 7 % 3 == 0 && (i / p.batch != 1 || p.steps < 3) ? 0.0 : 1.0);
    }
  }
  data.dy = random_doubles(p.steps * state, seed + 8, 1.0f);
  data.dh_last = random_doubles(state, seed + 9, 1.0f);
  data.dc_last = random_doubles(state, seed + 10, 1.0f);
  return data;
}

// One planned kernel with its memory. The data are copied to f32 when it is made.
class LstmRun {
 public:
  LstmRun(const LstmBackend& backend, const LstmData& data)
      : context_(backend.device), problem_(data.problem) {
    problem_.algorithm = backend.algorithm;
    set_thread_order(context_, backend.order);
    kernel_ =
        backend.plan != nullptr ? backend.plan(context_, problem_) : plan_lstm(context_, problem_);
    const auto& p = problem_;
    const Shape state = {p.batch, p.units};
    const Shape sequence = {p.steps, p.batch, p.units};
    weights_ = {.weight_ih = p.inputs > 0 ? add({4 * p.units, p.inputs}, data.weight_ih) : Tensor{},
                .weight_hh = add({4 * p.units, p.units}, data.weight_hh),
                .bias = add({4 * p.units}, data.bias)};
    forward_.weights = weights_;
    if (p.inputs > 0) {
      forward_.x = add({p.steps, p.batch, p.inputs}, data.x, p.dtype);
    }
    if (p.cont) {
      forward_.cont = add({p.steps, p.batch}, data.cont);
    }
    if (p.static_gates) {
      forward_.static_gates = add({p.batch, 4 * p.units}, data.static_gates, p.dtype);
    }
    if (p.initial_state) {
      forward_.h0 = add(state, data.h0);
      forward_.c0 = add(state, data.c0);
    }
    forward_.y = add(sequence, p.dtype);
    forward_.h_last = add(state);
    forward_.c_last = add(state);
    forward_.packed = bytes(kernel_->packed_bytes());
    forward_.saved = bytes(kernel_->saved_bytes());
    forward_.scratch = bytes(kernel_->forward_scratch_bytes());
    if (p.backward) {
      backward_.dy = add(sequence, data.dy, p.dtype);
      backward_.dh_last = data.dh_last.empty() ? Tensor{} : add(state, data.dh_last);
      backward_.dc_last = data.dc_last.empty() ? Tensor{} : add(state, data.dc_last);
      if (p.input_gradient) {
        backward_.dx = add({p.steps, p.batch, p.inputs}, p.dtype);
      }
      if (backend.dstatic_gates) {
        backward_.dstatic_gates = add({p.batch, 4 * p.units}, p.dtype);
      }
      backward_.dh0 = add(state);
      backward_.dc0 = add(state);
      backward_.gradients = {.weight_ih = p.inputs > 0 ? filled({4 * p.units, p.inputs}) : Tensor{},
                             .weight_hh = filled({4 * p.units, p.units}),
                             .bias = filled({4 * p.units})};
      backward_.scratch = bytes(kernel_->backward_scratch_bytes());
    }
  }

  LstmForward& forward_arguments() { return forward_; }
  LstmBackward& backward_arguments() { return backward_; }
  const LstmKernel& kernel() const { return *kernel_; }
  Context& context() { return context_; }

  void forward() {
    kernel_->pack(context_, weights_, forward_.packed);
    kernel_->forward(context_, forward_);
  }
  void backward() {
    backward_.forward = forward_;
    kernel_->backward(context_, backward_);
  }

  // An accumulated gradient without what it started from.
  static std::vector<float> added(const Tensor& x) {
    std::vector<float> values = floats_of(x);
    for (float& v : values) {
      v -= kStart;
    }
    return values;
  }

 private:
  static constexpr float kStart = 0.25f;  // gradients are added to this

  Tensor add(const Shape& shape, DType dtype = DType::f32) {
    return *tensors_.emplace_back(
        std::make_unique<TestTensor>(TensorSpec{shape, dtype}, context_.device()));
  }
  Tensor add(const Shape& shape, const Doubles& values, DType dtype = DType::f32) {
    const Tensor x = add(shape, dtype);
    check(std::int64_t(values.size()) == shape.elements(), "test: ", shape, " needs ",
          shape.elements(), " values, got ", values.size());
    const std::vector<float> floats(values.begin(), values.end());
    if (dtype == DType::bf16) {
      std::vector<BFloat16> words(floats.size());
      std::transform(floats.begin(), floats.end(), words.begin(), to_bfloat16);
      upload(x, words.data());
    } else {
      upload(x, floats.data());
    }
    return x;
  }
  Tensor filled(const Shape& shape) {
    return add(shape, Doubles(std::size_t(shape.elements()), kStart));
  }
  Tensor bytes(std::size_t count) {
    return *tensors_.emplace_back(std::make_unique<TestTensor>(
        TensorSpec{{std::int64_t(count)}, DType::u8}, context_.device()));
  }

  Context context_;
  LstmProblem problem_;
  std::unique_ptr<LstmKernel> kernel_;
  std::vector<std::unique_ptr<TestTensor>> tensors_;
  LstmWeights weights_;
  LstmForward forward_;
  LstmBackward backward_;
};

// y and all gradients, behind each other, of a run that went forward and backward.
inline std::vector<float> results_of(LstmRun& run) {
  std::vector<float> all = floats_of(run.forward_arguments().y);
  const LstmBackward& got = run.backward_arguments();
  for (const Tensor& part : {got.dx, got.dstatic_gates, got.gradients.weight_ih,
                             got.gradients.weight_hh, got.gradients.bias, got.dh0, got.dc0}) {
    if (part) {
      const std::vector<float> values = floats_of(part);
      all.insert(all.end(), values.begin(), values.end());
    }
  }
  return all;
}

// A sequence leaves the bits of its steps taken one by one.
inline void expect_steps_one_by_one_to_agree(const LstmBackend& backend, const LstmData& data) {
  LstmRun whole(backend, data);
  whole.forward();
  LstmData step = data;
  step.problem.steps = 1;
  for (int t = 0; t < int(data.problem.steps); ++t) {
    LstmRun one(backend, step);
    one.forward();
    step.h0 = to_doubles(floats_of(one.forward_arguments().h_last));
    step.c0 = to_doubles(floats_of(one.forward_arguments().c_last));
  }
  expect_same_bits(to_doubles(floats_of(whole.forward_arguments().h_last)), step.h0);
  expect_same_bits(to_doubles(floats_of(whole.forward_arguments().c_last)), step.c0);
}

}  // namespace lrcn::test
