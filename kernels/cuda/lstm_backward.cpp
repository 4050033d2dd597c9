#include "core/cuda/stream.h"
#include "kernels/bias_gradient.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/lstm_sequence.h"

namespace lrcn::cuda {
template <class T>
void CudaLstm<T>::run_steps_back(Context& context, const LstmBackward& arguments) const {
  const auto& p = problem_;
  const Tensor& saved = arguments.forward.saved;
  backward_steps_->run(context,
                       {.steps = p.steps,
                        .batch = p.batch,
                        .units = p.units,
                        .weight_hh = arguments.forward.weights.weight_hh.as<float>(),
                        .cont = elements_of<float>(arguments.forward.cont),
                        .dy = elements_of<T>(arguments.dy),
                        .dh_last = elements_of<float>(arguments.dh_last),
                        .dc_last = elements_of<float>(arguments.dc_last),
                        .c = floats_at(saved, saved_.c),
                        .c0 = p.initial_state ? floats_at(saved, saved_.c0) : nullptr,
                        .gates = elements_at<T>(saved, saved_.gates),
                        .dh0 = elements_of<float>(arguments.dh0),
                        .dc0 = elements_of<float>(arguments.dc0)},
                       bytes_at(arguments.scratch, back_steps_, backward_steps_->scratch_bytes()));
}

// dstatic_gates = sum over t, dbias += sum over t and n of dgates.
template <class T>
void CudaLstm<T>::sum_gates(Context& context, const LstmBackward& arguments,
                            const Tensor& dgates) const {
  if (arguments.dstatic_gates) {
    sum_over_steps(context, dgates, problem_.steps, arguments.dstatic_gates);
  }
  if (arguments.gradients.bias) {
    bias_gradient(context, dgates, arguments.gradients.bias, {});
  }
}

// The h that steps multiplied, zero in rows that start. [products_.past_rows(), H]
template <class T>
Tensor CudaLstm<T>::h_before(Context& context, const LstmBackward& arguments) const {
  const auto& p = problem_;
  const LstmForward& forward = arguments.forward;
  const std::int64_t rows = products_.past_rows();
  if (rows == 0) {
    return {};
  }
  if (!p.initial_state && !p.cont) {
    return matrix_at(forward.y.as<T>(), rows, p.units, context.device());
  }
  const Tensor past =
      matrix_at(elements_at<T>(arguments.scratch, back_past_), rows, p.units, context.device());
  gather_past(context, forward.y, forward.cont,
              p.initial_state ? floats_at(forward.saved, saved_.h0) : nullptr, past);
  return past;
}

template <class T>
void CudaLstm<T>::backward(Context& context, const LstmBackward& arguments) const {
  check_lstm(problem_, arguments);
  check_bytes("lstm", "saved", arguments.forward.saved, saved_bytes());
  check_bytes("lstm", "scratch", arguments.scratch, backward_scratch_bytes());
  run_steps_back(context, arguments);
  const Tensor dgates = matrix_at(elements_at<T>(arguments.forward.saved, saved_.gates), rows_,
                                  gates_, context.device());
  sum_gates(context, arguments, dgates);
  products_.backward(
      context, arguments, dgates,
      arguments.gradients.weight_hh ? h_before(context, arguments) : Tensor{},
      bytes_at(arguments.scratch, back_products_, products_.backward_scratch_bytes()));
}

template void CudaLstm<float>::backward(Context&, const LstmBackward&) const;
template void CudaLstm<BFloat16>::backward(Context&, const LstmBackward&) const;

}  // namespace lrcn::cuda
