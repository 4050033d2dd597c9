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
      backward_steps_(std::move(backward)),
      products_(context, problem, problem.inputs > 0),
      saved_(problem) {
  const auto& p = problem_;
  if (!p.backward) {
    scratch_gates_ = forward_scratch_.add_elements<T>(p.inputs > 0 ? rows_ * gates_ : 0);
    scratch_c_ = forward_scratch_.add_floats(state_);
  }
  scratch_products_ = forward_scratch_.add(products_.forward_scratch_bytes());
  scratch_steps_ = forward_scratch_.add(forward_steps_->scratch_bytes());
  if (p.backward) {
    back_past_ = backward_scratch_.add_elements<T>(
        p.initial_state || p.cont ? products_.past_rows() * p.units : 0);
    back_products_ = backward_scratch_.add(products_.backward_scratch_bytes());
    back_steps_ = backward_scratch_.add(backward_steps_->scratch_bytes());
  }
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
    s.gates = elements_at<T>(arguments.saved, saved_.gates);
    s.c = floats_at(arguments.saved, saved_.c);
  } else {
    s.c = floats_at(arguments.scratch, scratch_c_);
  }
  if (p.backward && p.initial_state) {
    // The state may be overwritten before backward.
    const std::size_t bytes = std::size_t(state_) * sizeof(float);
    enqueue_copy(context, floats_at(arguments.saved, saved_.h0), s.h0, bytes);
    enqueue_copy(context, floats_at(arguments.saved, saved_.c0), s.c0, bytes);
  }
  if (p.inputs > 0) {
    T* gates = p.backward ? s.gates : elements_at<T>(arguments.scratch, scratch_gates_);
    products_.project(
        context, arguments, matrix_at(gates, rows_, gates_, context.device()),
        bytes_at(arguments.scratch, scratch_products_, products_.forward_scratch_bytes()));
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
