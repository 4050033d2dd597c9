#include "kernels/lstm.h"

#include "kernels/check_tensor.h"

namespace lrcn {
namespace {

constexpr const char* kName = "lstm";

// Present and of this shape exactly when planned.
void check_planned(const char* name, const Tensor& x, bool planned, const Shape& shape,
                   DType dtype = DType::f32) {
  if (planned) {
    check_plain(kName, name, x, dtype, shape);
  } else {
    check(!x, "lstm: ", name, " was given but not planned, got ", x.spec);
  }
}

void check_optional(const char* name, const Tensor& x, const Shape& shape,
                    DType dtype = DType::f32) {
  if (x) {
    check_plain(kName, name, x, dtype, shape);
  }
}

}  // namespace

void check_lstm(const LstmProblem& problem) {
  check(problem.steps >= 1 && problem.batch >= 1 && problem.inputs >= 0 && problem.units >= 1,
        "lstm: needs steps, batch and units >= 1 and inputs >= 0, got T=", problem.steps,
        " N=", problem.batch, " I=", problem.inputs, " H=", problem.units);
  check(!problem.input_gradient || problem.backward,
        "lstm: an input gradient is planned without backward");
  check(!problem.input_gradient || problem.inputs > 0,
        "lstm: an input gradient is planned without inputs");
  check(!problem.bf16_weights || !problem.backward, "lstm: bf16 weights are for decoding alone");
  check(problem.dtype == DType::f32 || problem.dtype == DType::bf16,
        "lstm: dtype must be f32 or bf16, got ", problem.dtype);
  check(problem.dtype == DType::f32 || problem.precision == Precision::bf16,
        "lstm: dtype bf16 needs products of bf16, got ", problem.precision);
}

void check_lstm(const LstmProblem& problem, const LstmWeights& weights) {
  const std::int64_t gates = 4 * problem.units;
  check_planned("weight_ih", weights.weight_ih, problem.inputs > 0, {gates, problem.inputs});
  check_planned("weight_hh", weights.weight_hh, true, {gates, problem.units});
  check_planned("bias", weights.bias, true, {gates});
}

void check_lstm(const LstmProblem& problem, const LstmForward& arguments) {
  const Shape state = {problem.batch, problem.units};
  const Shape sequence = {problem.steps, problem.batch, problem.units};
  check_lstm(problem, arguments.weights);
  check_planned("x", arguments.x, problem.inputs > 0,
                {problem.steps, problem.batch, problem.inputs}, problem.dtype);
  check_planned("cont", arguments.cont, problem.cont, {problem.steps, problem.batch});
  check_planned("static_gates", arguments.static_gates, problem.static_gates,
                {problem.batch, 4 * problem.units}, problem.dtype);
  check_planned("h0", arguments.h0, problem.initial_state, state);
  check_planned("c0", arguments.c0, problem.initial_state, state);
  check_planned("y", arguments.y, true, sequence, problem.dtype);
  check_optional("h_last", arguments.h_last, state);
  check_optional("c_last", arguments.c_last, state);
}

void check_lstm(const LstmProblem& problem, const LstmBackward& arguments) {
  const Shape state = {problem.batch, problem.units};
  check(problem.backward, "lstm: backward was not planned");
  check_lstm(problem, arguments.forward);
  const std::int64_t gates = 4 * problem.units;
  const LstmWeights& gradients = arguments.gradients;
  check(problem.inputs > 0 || !gradients.weight_ih,
        "lstm: a gradient of weight_ih was given but no inputs are planned");
  check_optional("gradient of weight_ih", gradients.weight_ih, {gates, problem.inputs});
  check_optional("gradient of weight_hh", gradients.weight_hh, {gates, problem.units});
  check_optional("gradient of bias", gradients.bias, {gates});
  check_optional("dy", arguments.dy, {problem.steps, problem.batch, problem.units}, problem.dtype);
  check_optional("dh_last", arguments.dh_last, state);
  check_optional("dc_last", arguments.dc_last, state);
  check_planned("dx", arguments.dx, problem.input_gradient,
                {problem.steps, problem.batch, problem.inputs}, problem.dtype);
  check_optional("dstatic_gates", arguments.dstatic_gates, {problem.batch, gates}, problem.dtype);
  check_optional("dh0", arguments.dh0, state);
  check_optional("dc0", arguments.dc0, state);
}

}  // namespace lrcn
