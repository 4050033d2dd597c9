// An LSTM sequence by cuDNN. It has all tensors in one element type: where that is bf16, states and
// weights, f32 here, are converted on the way in and out.
#include "core/cuda/device_scope.h"
#include "core/cuda/stream.h"
#include "kernels/cast.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/cudnn/lstm_parameters.h"
#include "kernels/cuda/cudnn/session.h"
#include "kernels/cuda/lstm_library.h"
#include "kernels/elementwise.h"
#include "kernels/partition.h"

namespace lrcn::cuda {
namespace {

constexpr const char* kOp = "lstm";

std::byte* at(const Tensor& memory, std::size_t offset) {
  return static_cast<std::byte*>(memory.data) + offset;
}

// y = x, of one shape, of one element type or from one to the other.
void convert(Context& context, const Tensor& x, const Tensor& y) {
  if (x.spec.dtype == y.spec.dtype) {
    cuda::copy_to(context, x, y);
  } else {
    cuda::cast(context, x, y);
  }
}

class CudnnLstm final : public LstmKernel {
 public:
  CudnnLstm(Context& context, const LstmProblem& problem);

  std::string algorithms() const override;
  std::size_t packed_bytes() const override { return parameters_.bytes(); }
  std::size_t saved_bytes() const override { return saved_.bytes(); }
  std::size_t forward_scratch_bytes() const override { return scratch_.bytes(); }
  std::size_t backward_scratch_bytes() const override { return backward_scratch_.bytes(); }

  void pack(Context& context, const LstmWeights& weights, Tensor packed) const override;
  void forward(Context& context, const LstmForward& arguments) const override;
  void backward(Context& context, const LstmBackward& arguments) const override;

 private:
  bool narrow() const { return p_.dtype == DType::bf16; }
  std::size_t state_bytes() const { return std::size_t(p_.batch * p_.units) * size_of(p_.dtype); }
  // A state as cuDNN has it, [N, H].
  Tensor state_at(const Tensor& memory, std::size_t offset) const {
    return {at(memory, offset), {{p_.batch, p_.units}, p_.dtype}, device_};
  }
  // What cuDNN reads of one of our states, which may be absent: `own` itself, or its copy in bf16
  // at `offset`.
  void* reads(Context& context, const Tensor& own, const Tensor& memory, std::size_t offset) const;
  // Where cuDNN writes one of our states, which may be absent: there, or at `offset` in bf16, from
  // where finish() fetches it.
  void* writes(const Tensor& own, const Tensor& memory, std::size_t offset) const;
  void finish(Context& context, const Tensor& own, const Tensor& memory, std::size_t offset) const;
  void add_gradients(Context& context, const LstmWeights& gradients, const Tensor& scratch) const;
  void check_call(cudnnStatus_t status, const char* call) const { rnn_.cudnn.check(status, call); }

  const CudnnSession& session_;
  CudnnRnnFunctions rnn_;
  LstmProblem p_;
  CudnnRnnDescriptors descriptors_;
  Device device_;
  CudnnLstmParameters parameters_;
  std::size_t work_bytes_ = 0;
  std::size_t reserve_bytes_ = 0;

  Partition saved_;
  std::size_t saved_reserve_ = 0, saved_h0_ = 0, saved_c0_ = 0;
  Partition scratch_;
  std::size_t work_ = 0, h0_ = 0, c0_ = 0, h_ = 0, c_ = 0;
  Partition backward_scratch_;
  std::size_t back_work_ = 0, back_weights_ = 0, back_wide_ = 0, back_dx_ = 0, back_dy_ = 0;
  std::size_t back_dh_ = 0, back_dc_ = 0, back_dh0_ = 0, back_dc0_ = 0;
};

CudnnLstm::CudnnLstm(Context& context, const LstmProblem& problem)
    : session_(context.handle<CudnnSession>()),
      rnn_(session_.cudnn()),
      p_(problem),
      descriptors_(rnn_, problem),
      device_(context.device()),
      parameters_(rnn_, session_.handle(), descriptors_, problem) {
  const CudnnRnnDescriptors& d = descriptors_;
  check_call(rnn_.temporary_space(session_.handle(), d.network.get(),
                                  p_.backward ? CUDNN_FWD_MODE_TRAINING : CUDNN_FWD_MODE_INFERENCE,
                                  d.x.get(), &work_bytes_, &reserve_bytes_),
             "cudnnGetRNNTempSpaceSizes");
  work_ = scratch_.add(work_bytes_);
  if (narrow() && p_.initial_state && !p_.backward) {  // training has them among the saved
    h0_ = scratch_.add(state_bytes());
    c0_ = scratch_.add(state_bytes());
  }
  h_ = scratch_.add(state_bytes());
  c_ = scratch_.add(state_bytes());
  if (p_.backward) {
    saved_reserve_ = saved_.add(reserve_bytes_);
    saved_h0_ = saved_.add(p_.initial_state ? state_bytes() : 0);
    saved_c0_ = saved_.add(p_.initial_state ? state_bytes() : 0);
    back_work_ = backward_scratch_.add(work_bytes_);
    back_weights_ = backward_scratch_.add(parameters_.bytes());
    const std::size_t dx_elements =
        p_.input_gradient ? 0 : std::size_t(p_.steps * p_.batch * p_.inputs);
    back_dx_ = backward_scratch_.add(dx_elements * size_of(p_.dtype));
    back_dy_ = backward_scratch_.add(std::size_t(p_.steps) * state_bytes());
    if (narrow()) {
      back_wide_ = backward_scratch_.add(2 * parameters_.bytes());
      for (std::size_t* state : {&back_dh_, &back_dc_, &back_dh0_, &back_dc0_}) {
        *state = backward_scratch_.add(state_bytes());
      }
    }
  }
}

std::string CudnnLstm::algorithms() const {
  const Precision least = narrow() ? Precision::bf16 : Precision::tf32;
  const std::string text =
      concat(p_.algorithm == LstmAlgorithm::persistent ? "cudnn persistent " : "cudnn standard ",
             p_.precision == Precision::f32 ? Precision::f32 : least);
  return "forward " + text + (p_.backward ? ", backward " + text : "");
}

void CudnnLstm::pack(Context& context, const LstmWeights& weights, Tensor packed) const {
  check_lstm(p_, weights);
  check_bytes(kOp, "packed", packed, packed_bytes());
  const DeviceScope scope(device_);
  enqueue_set_bytes(context, packed.data, 0, parameters_.bytes());
  parameters_.for_each(weights, packed, [&](const Tensor& own, const Tensor& place) {
    convert(context, own, place);
  });
}

void* CudnnLstm::reads(Context& context, const Tensor& own, const Tensor& memory,
                       std::size_t offset) const {
  if (own && narrow()) {
    const Tensor copy = state_at(memory, offset);
    cuda::cast(context, own, copy);
    return copy.data;
  }
  return own.data;
}

void* CudnnLstm::writes(const Tensor& own, const Tensor& memory, std::size_t offset) const {
  return own && narrow() ? at(memory, offset) : own.data;
}

void CudnnLstm::finish(Context& context, const Tensor& own, const Tensor& memory,
                       std::size_t offset) const {
  if (own && narrow()) {
    cuda::cast(context, state_at(memory, offset), own);
  }
}

void CudnnLstm::forward(Context& context, const LstmForward& arguments) const {
  check_devices("lstm", context.device(), arguments);
  const LstmForward& a = arguments;
  check_lstm(p_, a);
  check_bytes(kOp, "packed", a.packed, packed_bytes());
  check_bytes(kOp, "saved", a.saved, saved_bytes());
  check_bytes(kOp, "scratch", a.scratch, forward_scratch_bytes());
  const DeviceScope scope(device_);
  const void* h0 = nullptr;
  const void* c0 = nullptr;
  if (p_.backward && p_.initial_state) {
    // The state may be overwritten before backward.
    convert(context, a.h0, state_at(a.saved, saved_h0_));
    convert(context, a.c0, state_at(a.saved, saved_c0_));
    h0 = at(a.saved, saved_h0_);
    c0 = at(a.saved, saved_c0_);
  } else {
    h0 = reads(context, a.h0, a.scratch, h0_);
    c0 = reads(context, a.c0, a.scratch, c0_);
  }
  // The last state goes by way of scratch memory: it may lie where the first one does.
  std::byte* h_last = a.h_last ? at(a.scratch, h_) : nullptr;
  std::byte* c_last = a.c_last ? at(a.scratch, c_) : nullptr;
  const CudnnRnnDescriptors& d = descriptors_;
  check_call(rnn_.forward(session_.handle(), d.network.get(),
                          p_.backward ? CUDNN_FWD_MODE_TRAINING : CUDNN_FWD_MODE_INFERENCE, nullptr,
                          d.x.get(), a.x.data, d.y.get(), a.y.data, d.state.get(), h0, h_last,
                          d.state.get(), c0, c_last, parameters_.bytes(), a.packed.data,
                          work_bytes_, at(a.scratch, work_), reserve_bytes_,
                          p_.backward ? at(a.saved, saved_reserve_) : nullptr),
             "cudnnRNNForward");
  if (a.h_last) {
    convert(context, state_at(a.scratch, h_), a.h_last);
  }
  if (a.c_last) {
    convert(context, state_at(a.scratch, c_), a.c_last);
  }
}

// cuDNN adds, in an order of parameters of its own and rounded to its element type.
void CudnnLstm::add_gradients(Context& context, const LstmWeights& gradients,
                              const Tensor& scratch) const {
  Tensor block = bytes_at(scratch, back_weights_, parameters_.bytes());
  if (narrow()) {
    const std::int64_t elements = std::int64_t(parameters_.bytes() / sizeof(BFloat16));
    cuda::cast(context, {block.data, {{elements}, DType::bf16}, device_},
               {at(scratch, back_wide_), {{elements}, DType::f32}, device_});
  }
  parameters_.for_each(gradients, block, [&](const Tensor& own, const Tensor& place) {
    Tensor wide = place;
    if (narrow()) {
      const auto offset = static_cast<std::byte*>(place.data) - at(scratch, back_weights_);
      wide = {at(scratch, back_wide_) + 2 * offset, own.spec, device_};
    }
    cuda::add_in_place(context, wide, own);
  });
}

void CudnnLstm::backward(Context& context, const LstmBackward& arguments) const {
  check_devices("lstm", context.device(), arguments);
  const LstmForward& f = arguments.forward;
  check(p_.backward, kOp, ": backward was called, but not planned");
  check(!arguments.dstatic_gates, kOp, ": cuDNN computes no gradient of static gates");
  check_lstm(p_, arguments);
  check_bytes(kOp, "saved", f.saved, saved_bytes());
  check_bytes(kOp, "scratch", arguments.scratch, backward_scratch_bytes());
  const DeviceScope scope(device_);
  const Tensor& scratch = arguments.scratch;
  std::byte* reserve = at(f.saved, saved_reserve_);
  std::byte* work = at(scratch, back_work_);
  std::byte* h0 = p_.initial_state ? at(f.saved, saved_h0_) : nullptr;
  std::byte* c0 = p_.initial_state ? at(f.saved, saved_c0_) : nullptr;
  void* dx = p_.input_gradient ? arguments.dx.data : at(scratch, back_dx_);
  const void* dy = arguments.dy.data;
  if (!arguments.dy) {  // cuDNN wants one
    std::byte* zero = at(scratch, back_dy_);
    enqueue_set_bytes(context, zero, 0, std::size_t(p_.steps) * state_bytes());
    dy = zero;
  }
  const CudnnRnnDescriptors& d = descriptors_;
  const void* dh_last = reads(context, arguments.dh_last, scratch, back_dh_);
  const void* dc_last = reads(context, arguments.dc_last, scratch, back_dc_);
  void* dh0 = writes(arguments.dh0, scratch, back_dh0_);
  void* dc0 = writes(arguments.dc0, scratch, back_dc0_);
  check_call(rnn_.backward_data(session_.handle(), d.network.get(), nullptr, d.y.get(), f.y.data,
                                dy, d.x.get(), dx, d.state.get(), h0, dh_last, dh0, d.state.get(),
                                c0, dc_last, dc0, parameters_.bytes(), f.packed.data, work_bytes_,
                                work, reserve_bytes_, reserve),
             "cudnnRNNBackwardData_v8");
  finish(context, arguments.dh0, scratch, back_dh0_);
  finish(context, arguments.dc0, scratch, back_dc0_);
  std::byte* weights = at(scratch, back_weights_);
  enqueue_set_bytes(context, weights, 0, parameters_.bytes());
  check_call(rnn_.backward_weights(session_.handle(), d.network.get(), CUDNN_WGRAD_MODE_ADD,
                                   nullptr, d.x.get(), f.x.data, d.state.get(), h0, d.y.get(),
                                   f.y.data, parameters_.bytes(), weights, work_bytes_, work,
                                   reserve_bytes_, reserve),
             "cudnnRNNBackwardWeights_v8");
  add_gradients(context, arguments.gradients, scratch);
}

}  // namespace

std::unique_ptr<LstmKernel> plan_cudnn_lstm(Context& context, const LstmProblem& problem) {
  check_lstm(problem);
  check(
      cudnn_computes(problem),
      "lstm: cuDNN computes neither cont masks, static gates, sequences without inputs nor, before "
      "version 9.13, bf16 in memory; leave the provider to auto or own");
  const DeviceScope scope(context.device());
  return std::make_unique<CudnnLstm>(context, problem);
}

}  // namespace lrcn::cuda
