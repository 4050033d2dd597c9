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
                        .c = floats_at(saved, saved_c_),
                        .c0 = p.initial_state ? floats_at(saved, saved_c0_) : nullptr,
                        .gates = elements_at<T>(saved, saved_gates_),
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

template <class T>
void CudaLstm<T>::multiply_gradients(Context& context, const LstmBackward& arguments,
                                     const Tensor& dgates) const {
  const auto& p = problem_;
  const LstmForward& forward = arguments.forward;
  const auto multiply = [&](const MatmulKernel& kernel, const Tensor& a, const Tensor& b,
                            const Tensor& c) {
    kernel.run(context,
               {.a = a,
                .b = b,
                .bias = {},
                .c = c,
                .scratch = bytes_at(arguments.scratch, back_matmul_, kernel.scratch_bytes())});
  };
  const LstmWeights& gradients = arguments.gradients;
  if (gradients.weight_ih) {
    multiply(*weight_ih_, dgates, forward.x.reshaped({rows_, p.inputs}), gradients.weight_ih);
  }
  const Device device = context.device();
  if (gradients.weight_hh && gathers_past_) {
    const Tensor past =
        matrix_at(elements_at<T>(arguments.scratch, back_past_), rows_, p.units, device);
    gather_past(context, forward.y, forward.cont,
                p.initial_state ? floats_at(forward.saved, saved_h0_) : nullptr, past);
    multiply(*weight_hh_, dgates, past, gradients.weight_hh);
  } else if (gradients.weight_hh && weight_hh_ != nullptr) {
    multiply(*weight_hh_, dgates.rows(p.batch, rows_),
             matrix_at(forward.y.as<T>(), rows_ - p.batch, p.units, device), gradients.weight_hh);
  }
  if (p.input_gradient) {
    multiply(*input_, dgates, forward.weights.weight_ih, arguments.dx.reshaped({rows_, p.inputs}));
  }
}

template <class T>
void CudaLstm<T>::backward(Context& context, const LstmBackward& arguments) const {
  check_lstm(problem_, arguments);
  check_bytes("lstm", "saved", arguments.forward.saved, saved_bytes());
  check_bytes("lstm", "scratch", arguments.scratch, backward_scratch_bytes());
  run_steps_back(context, arguments);
  const Tensor dgates = matrix_at(elements_at<T>(arguments.forward.saved, saved_gates_), rows_,
                                  gates_, context.device());
  sum_gates(context, arguments, dgates);
  multiply_gradients(context, arguments, dgates);
}

template void CudaLstm<float>::backward(Context&, const LstmBackward&) const;
template void CudaLstm<BFloat16>::backward(Context&, const LstmBackward&) const;

}  // namespace lrcn::cuda
