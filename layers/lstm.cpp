#include "layers/lstm.h"

#include <algorithm>

#include "core/error.h"
#include "kernels/elementwise.h"
#include "layers/slot.h"

namespace lrcn {
namespace {

void check_input(const Planner& planner, int i, const char* name, const Shape& shape,
                 DType dtype = DType::f32) {
  const TensorSpec& x = planner.input(i);
  check(x.dtype == dtype && x.shape == shape, name, " must be ", dtype, ' ', shape, ", got ", x);
}

}  // namespace

int Lstm::input_count() const {
  return 1 + int(options_.cont) + int(options_.static_gates) + 2 * int(options_.initial_state);
}

std::vector<TensorSpec> Lstm::plan(Planner& planner) {
  check(options_.hidden >= 1, "hidden must be >= 1, got ", options_.hidden);
  check(!options_.carry_state || (options_.cont && !options_.initial_state),
        "carry_state needs cont, which resets rows, and excludes initial_state");
  planner.expect_inputs(input_count(), input_count());
  const DType dtype = planner.activation_dtype();
  planner.request_dtype(0, dtype);
  const TensorSpec& x = planner.input(0);
  check(x.dtype == dtype && x.shape.rank() >= 3, "x must be ", dtype, " [T,N,features...], got ",
        x);
  const std::int64_t steps = x.shape[0];
  const std::int64_t batch = x.shape[1];
  const std::int64_t hidden = options_.hidden;
  const std::int64_t inputs = x.shape.elements(2, x.shape.rank());
  check(steps >= 1 && batch >= 1 && inputs >= 1, "x must not be empty, got ", x);

  int next = 1;
  if (options_.cont) {
    cont_input_ = next++;
    check_input(planner, cont_input_, "cont", {steps, batch});
  }
  if (options_.static_gates) {
    static_input_ = next++;
    planner.request_dtype(static_input_, dtype);
    check_input(planner, static_input_, "static_gates", {batch, 4 * hidden}, dtype);
  }
  if (options_.initial_state) {
    state_input_ = next;
    check_input(planner, state_input_, "h0", {batch, hidden});
    check_input(planner, state_input_ + 1, "c0", {batch, hidden});
  }

  planner.param("weight_ih", {4 * hidden, inputs}, options_.weight_init, options_.weight_options);
  planner.param("weight_hh", {4 * hidden, hidden}, options_.weight_init, options_.weight_options);
  planner.param("bias", {4 * hidden}, Initializer::forget_gate(options_.forget_bias),
                options_.bias_options);
  problem_ = {.steps = steps,
              .batch = batch,
              .inputs = inputs,
              .units = hidden,
              .cont = options_.cont,
              .static_gates = options_.static_gates,
              .initial_state = options_.initial_state || options_.carry_state,
              .backward = planner.backward(),
              .input_gradient = planner.needs_dx(0),
              .bf16_weights = options_.bf16_weights && !planner.backward(),
              .precision = planner.context().precision(),
              .dtype = dtype};
  kernel_ = plan_lstm(planner.context(), problem_);

  // Weights that change with every step are packed by every forward.
  const TensorSpec packed = bytes_spec(kernel_->packed_bytes());
  packed_ =
      problem_.backward ? planner.saved("packed", packed) : planner.persistent("packed", packed);
  saved_ = planner.saved("saved", bytes_spec(kernel_->saved_bytes()));
  scratch_ = planner.scratch("scratch", bytes_spec(std::max(kernel_->forward_scratch_bytes(),
                                                            kernel_->backward_scratch_bytes())));
  const TensorSpec state{{batch, hidden}};
  if (options_.carry_state) {
    carried_h_ = planner.persistent("carried_h", state);
    carried_c_ = planner.persistent("carried_c", state);
    first_h_ = planner.saved("first_h", state);
    first_c_ = planner.saved("first_c", state);
  }
  for (int i = 0; i < planner.input_count(); ++i) {
    planner.keep_input(i);
  }
  planner.keep_output(0);
  return {{{steps, batch, hidden}, dtype}, state, state};
}

std::string Lstm::kernels() const { return kernel_ ? kernel_->algorithms() : ""; }

LstmForward Lstm::arguments(const Frame& frame) const {
  const auto input = [&](int i) { return i < 0 ? Tensor{} : frame.x[std::size_t(i)]; };
  LstmForward arguments;
  arguments.weights = {frame.params[0], frame.params[1], frame.params[2]};
  arguments.x = frame.x[0].reshaped({problem_.steps, problem_.batch, problem_.inputs});
  arguments.cont = input(cont_input_);
  arguments.static_gates = input(static_input_);
  arguments.h0 = options_.carry_state ? slot_of(frame, first_h_) : input(state_input_);
  arguments.c0 = options_.carry_state ? slot_of(frame, first_c_)
                                      : input(state_input_ < 0 ? -1 : state_input_ + 1);
  arguments.y = frame.y[0];
  arguments.packed = slot_of(frame, packed_);
  arguments.saved = slot_of(frame, saved_);
  arguments.scratch = slot_of(frame, scratch_);
  return arguments;
}

// y, h_T, c_T from x and the state it starts from
void Lstm::forward(Context& context, const Frame& frame) {
  LstmForward call = arguments(frame);
  call.h_last = frame.y[1];
  call.c_last = frame.y[2];
  if (problem_.backward || frame.params_changed) {
    kernel_->pack(context, call.weights, call.packed);
  }
  if (options_.carry_state) {
    copy_to(context, slot_of(frame, carried_h_), call.h0);
    copy_to(context, slot_of(frame, carried_c_), call.c0);
  }
  kernel_->forward(context, call);
  if (options_.carry_state) {
    copy_to(context, call.h_last, slot_of(frame, carried_h_));
    copy_to(context, call.c_last, slot_of(frame, carried_c_));
  }
}

// Backpropagation through the T steps; the state that was carried in gets no gradient.
void Lstm::backward(Context& context, const Frame& frame) {
  const auto dx = [&](int i) { return i < 0 ? Tensor{} : frame.dx[std::size_t(i)]; };
  LstmBackward call;
  call.forward = arguments(frame);
  call.dy = frame.dy[0];
  call.dh_last = frame.dy[1];
  call.dc_last = frame.dy[2];
  if (frame.dx[0]) {
    call.dx = frame.dx[0].reshaped(call.forward.x.shape());
  }
  call.dstatic_gates = dx(static_input_);
  call.dh0 = dx(state_input_);
  call.dc0 = dx(state_input_ < 0 ? -1 : state_input_ + 1);
  call.gradients = {frame.grads[0], frame.grads[1], frame.grads[2]};
  call.scratch = slot_of(frame, scratch_);
  kernel_->backward(context, call);
  if (const Tensor dcont = dx(cont_input_)) {
    fill_with(context, dcont, 0.0f);  // never differentiated
  }
}

}  // namespace lrcn
