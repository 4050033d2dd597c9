#include "core/cuda/device_info.h"
#include "core/cuda/stream.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/lstm_library.h"
#include "kernels/cuda/lstm_persistent.h"
#include "kernels/cuda/lstm_sequence.h"

namespace lrcn::cuda {
template <class T>
CudaLstm<T>::CudaLstm(Context& context, const LstmProblem& problem,
                      std::unique_ptr<LstmForwardSteps<T>> forward,
                      std::unique_ptr<LstmBackwardSteps<T>> backward)
    : problem_(problem),
      rows_(problem.steps * problem.batch),
      state_(problem.batch * problem.units),
      gates_(4 * problem.units),
      forward_steps_(std::move(forward)),
      backward_steps_(std::move(backward)) {
  const auto& p = problem_;
  std::size_t matmul_bytes = 0;
  const auto plan = [&](MatmulProblem product) {
    product.precision = p.precision;
    auto kernel = plan_matmul(context, product);
    matmul_bytes = std::max(matmul_bytes, kernel->scratch_bytes());
    return kernel;
  };
  if (p.inputs > 0) {
    projection_ = plan({.m = rows_,
                        .n = gates_,
                        .k = p.inputs,
                        .transpose_b = true,
                        .bias = true,
                        .a_dtype = dtype_of<T>,
                        .c_dtype = dtype_of<T>});
  }
  if (p.backward) {
    saved_gates_ = saved_.add_elements<T>(rows_ * gates_);
    saved_c_ = saved_.add_floats(p.steps * state_);
    if (p.initial_state) {
      saved_h0_ = saved_.add_floats(state_);
      saved_c0_ = saved_.add_floats(state_);
    }
  } else {
    scratch_gates_ = forward_scratch_.add_elements<T>(p.inputs > 0 ? rows_ * gates_ : 0);
    scratch_c_ = forward_scratch_.add_floats(state_);
  }
  scratch_matmul_ = forward_scratch_.add(matmul_bytes);
  scratch_steps_ = forward_scratch_.add(forward_steps_->scratch_bytes());
  if (!p.backward) {
    return;
  }

  matmul_bytes = 0;
  const auto plan_weight = [&](std::int64_t n, std::int64_t k) {
    return plan({.m = gates_,
                 .n = n,
                 .k = k,
                 .transpose_a = true,
                 .accumulate = true,
                 .a_dtype = dtype_of<T>,
                 .b_dtype = dtype_of<T>});
  };
  if (p.inputs > 0) {
    weight_ih_ = plan_weight(p.inputs, rows_);
  }
  gathers_past_ = p.initial_state || p.cont;
  if (gathers_past_ || p.steps > 1) {
    // Without initial state the first step has no past, and the y of a step is that of the next.
    weight_hh_ = plan_weight(p.units, gathers_past_ ? rows_ : rows_ - p.batch);
  }
  if (p.input_gradient) {
    input_ = plan(
        {.m = rows_, .n = p.inputs, .k = gates_, .a_dtype = dtype_of<T>, .c_dtype = dtype_of<T>});
  }
  back_past_ = backward_scratch_.add_elements<T>(gathers_past_ ? p.steps * state_ : 0);
  back_matmul_ = backward_scratch_.add(matmul_bytes);
  back_steps_ = backward_scratch_.add(backward_steps_->scratch_bytes());
}

template <class T>
std::string CudaLstm<T>::algorithms() const {
  const std::string forward = "forward " + forward_steps_->algorithm();
  return backward_steps_ == nullptr ? forward
                                    : forward + ", backward " + backward_steps_->algorithm();
}

template <class T>
void CudaLstm<T>::pack(Context&, const LstmWeights& weights, Tensor) const {
  check_lstm(problem_, weights);
}

template <class T>
void CudaLstm<T>::project(Context& context, const LstmForward& arguments, T* gates) const {
  projection_->run(context, {.a = arguments.x.reshaped({rows_, problem_.inputs}),
                             .b = arguments.weights.weight_ih,
                             .bias = arguments.weights.bias,
                             .c = matrix_at(gates, rows_, gates_, context.device()),
                             .scratch = bytes_at(arguments.scratch, scratch_matmul_,
                                                 projection_->scratch_bytes())});
}

template <class T>
void CudaLstm<T>::forward(Context& context, const LstmForward& arguments) const {
  const auto& p = problem_;
  check_lstm(p, arguments);
  check_bytes("lstm", "saved", arguments.saved, saved_bytes());
  check_bytes("lstm", "scratch", arguments.scratch, forward_scratch_bytes());
  LstmForwardSequence<T> s{.steps = p.steps,
                           .batch = p.batch,
                           .units = p.units,
                           .weight_hh = arguments.weights.weight_hh.as<float>(),
                           .bias = arguments.weights.bias.as<float>(),
                           .static_gates = elements_of<T>(arguments.static_gates),
                           .cont = elements_of<float>(arguments.cont),
                           .h0 = elements_of<float>(arguments.h0),
                           .c0 = elements_of<float>(arguments.c0),
                           .y = arguments.y.as<T>(),
                           .h_last = elements_of<float>(arguments.h_last),
                           .c_last = elements_of<float>(arguments.c_last)};
  if (p.backward) {
    s.gates = elements_at<T>(arguments.saved, saved_gates_);
    s.c = floats_at(arguments.saved, saved_c_);
  } else {
    s.c = floats_at(arguments.scratch, scratch_c_);
  }
  if (p.backward && p.initial_state) {
    // The state may be overwritten before backward.
    const std::size_t bytes = std::size_t(state_) * sizeof(float);
    enqueue_copy(context, floats_at(arguments.saved, saved_h0_), s.h0, bytes);
    enqueue_copy(context, floats_at(arguments.saved, saved_c0_), s.c0, bytes);
  }
  if (p.inputs > 0) {
    T* gates = p.backward ? s.gates : elements_at<T>(arguments.scratch, scratch_gates_);
    project(context, arguments, gates);
    s.projected = gates;
  }
  forward_steps_->run(context, s,
                      bytes_at(arguments.scratch, scratch_steps_, forward_steps_->scratch_bytes()));
}

template class CudaLstm<float>;
template class CudaLstm<BFloat16>;

namespace {

template <class T>
std::unique_ptr<LstmKernel> plan_sequence(Context& context, const LstmProblem& problem,
                                          const LstmPersistentLimits& limits) {
  std::unique_ptr<LstmForwardSteps<T>> forward;
  std::unique_ptr<LstmBackwardSteps<T>> backward;
  if (problem.steps > 1 && problem.algorithm != LstmAlgorithm::stepwise) {
    forward = plan_persistent_forward<T>(context, problem, limits);
    backward = problem.backward ? plan_persistent_backward<T>(context, problem, limits) : nullptr;
  }
  if (forward == nullptr) {
    forward = plan_stepwise_forward<T>(context, problem);
  }
  if (problem.backward && backward == nullptr) {
    backward = plan_stepwise_backward<T>(context, problem);
  }
  return std::make_unique<CudaLstm<T>>(context, problem, std::move(forward), std::move(backward));
}

}  // namespace

std::unique_ptr<LstmKernel> plan_lstm(Context& context, const LstmProblem& problem,
                                      const LstmPersistentLimits& limits) {
  check_lstm(problem);
  return problem.dtype == DType::bf16 ? plan_sequence<BFloat16>(context, problem, limits)
                                      : plan_sequence<float>(context, problem, limits);
}

std::unique_ptr<LstmKernel> plan_lstm(Context& context, const LstmProblem& problem) {
  if (context.provider() == Provider::cudnn && cudnn_computes(problem)) {
    return plan_cudnn_lstm(context, problem);
  }
  const Platform platform = find_platform();
  const DeviceInfo& device = platform.devices.at(std::size_t(context.device().index));
  return plan_lstm(
      context, problem,
      {.blocks = unsigned(device.multiprocessors), .shared_bytes = device.shared_memory});
}

}  // namespace lrcn::cuda
