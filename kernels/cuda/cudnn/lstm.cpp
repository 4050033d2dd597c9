// An LSTM sequence by cuDNN. Its gates are i, f, g, o, as ours: cudnnGetRNNWeightParams counts the
// input, forget, cell and output gate of the input from 0 to 3, and those of the state from 4 to 7.
#include <algorithm>
#include <array>

#include "core/cuda/device_scope.h"
#include "core/cuda/stream.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/cudnn/rnn.h"
#include "kernels/cuda/cudnn/session.h"
#include "kernels/cuda/lstm_library.h"
#include "kernels/elementwise.h"
#include "kernels/partition.h"

namespace lrcn::cuda {
namespace {

constexpr const char* kOp = "lstm";
constexpr int kGates = 4;

class CudnnLstm final : public LstmKernel {
 public:
  CudnnLstm(Context& context, const LstmProblem& problem);

  std::string algorithms() const override;
  std::size_t packed_bytes() const override { return weight_bytes_; }
  std::size_t saved_bytes() const override { return saved_.bytes(); }
  std::size_t forward_scratch_bytes() const override { return scratch_.bytes(); }
  std::size_t backward_scratch_bytes() const override { return backward_scratch_.bytes(); }

  void pack(Context& context, const LstmWeights& weights, Tensor packed) const override;
  void forward(Context& context, const LstmForward& arguments) const override;
  void backward(Context& context, const LstmBackward& arguments) const override;

 private:
  // Calls body(parameter, place) with every matrix and bias of ours and where cuDNN has it within
  // `space`, both as tensors of one spec.
  template <class Body>
  void for_each_parameter(const LstmWeights& weights, void* space, const Body& body) const;
  Tensor place_of(cudnnTensorDescriptor_t descriptor, void* address, const TensorSpec& spec) const;
  std::size_t state_bytes() const { return std::size_t(p_.batch * p_.units) * sizeof(float); }
  void check_call(cudnnStatus_t status, const char* call) const { rnn_.cudnn.check(status, call); }

  const CudnnSession& session_;
  CudnnRnnFunctions rnn_;
  LstmProblem p_;
  CudnnRnnDescriptors descriptors_;
  Device device_;
  std::size_t weight_bytes_ = 0;
  std::size_t work_bytes_ = 0;
  std::size_t reserve_bytes_ = 0;

  Partition saved_;
  std::size_t saved_reserve_ = 0, saved_h0_ = 0, saved_c0_ = 0;
  Partition scratch_;
  std::size_t work_ = 0, h_ = 0, c_ = 0;
  Partition backward_scratch_;
  std::size_t back_work_ = 0, back_weights_ = 0, back_dx_ = 0;
};

std::byte* at(const Tensor& memory, std::size_t offset) {
  return static_cast<std::byte*>(memory.data) + offset;
}

CudnnLstm::CudnnLstm(Context& context, const LstmProblem& problem)
    : session_(context.handle<CudnnSession>()),
      rnn_(session_.cudnn()),
      p_(problem),
      descriptors_(rnn_, problem),
      device_(context.device()) {
  const CudnnRnnDescriptors& d = descriptors_;
  check_call(rnn_.weight_space(session_.handle(), d.network.get(), &weight_bytes_),
             "cudnnGetRNNWeightSpaceSize");
  check_call(rnn_.temporary_space(session_.handle(), d.network.get(),
                                  p_.backward ? CUDNN_FWD_MODE_TRAINING : CUDNN_FWD_MODE_INFERENCE,
                                  d.x.get(), &work_bytes_, &reserve_bytes_),
             "cudnnGetRNNTempSpaceSizes");
  work_ = scratch_.add(work_bytes_);
  h_ = scratch_.add(state_bytes());
  c_ = scratch_.add(state_bytes());
  if (p_.backward) {
    saved_reserve_ = saved_.add(reserve_bytes_);
    saved_h0_ = saved_.add(p_.initial_state ? state_bytes() : 0);
    saved_c0_ = saved_.add(p_.initial_state ? state_bytes() : 0);
    back_work_ = backward_scratch_.add(work_bytes_);
    back_weights_ = backward_scratch_.add(weight_bytes_);
    back_dx_ =
        backward_scratch_.add_floats(p_.input_gradient ? 0 : p_.steps * p_.batch * p_.inputs);
  }
}

std::string CudnnLstm::algorithms() const {
  const std::string text =
      concat(p_.algorithm == LstmAlgorithm::persistent ? "cudnn persistent " : "cudnn standard ",
             p_.precision == Precision::f32 ? Precision::f32 : Precision::tf32);
  return "forward " + text + (p_.backward ? ", backward " + text : "");
}

Tensor CudnnLstm::place_of(cudnnTensorDescriptor_t descriptor, void* address,
                           const TensorSpec& spec) const {
  std::array<int, 3> extents{};
  std::array<int, 3> strides{};
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  int rank = 0;
  check_call(rnn_.get_tensor(descriptor, 3, &type, &rank, extents.data(), strides.data()),
             "cudnnGetTensorNdDescriptor");
  const std::int64_t elements = std::int64_t(extents[0]) * extents[1] * extents[2];
  check<DeviceError>(
      address != nullptr && rank == 3 && elements == spec.elements() && type == CUDNN_DATA_FLOAT,
      "lstm: cuDNN has parameters of ", elements, " elements where ", spec, " was expected");
  return {address, spec, device_};
}

template <class Body>
void CudnnLstm::for_each_parameter(const LstmWeights& weights, void* space,
                                   const Body& body) const {
  for (int layer = 0; layer < 2 * kGates; ++layer) {
    void* matrix = nullptr;
    void* bias = nullptr;
    check_call(rnn_.weight_parameters(session_.handle(), descriptors_.network.get(), 0,
                                      weight_bytes_, space, layer, descriptors_.matrix.get(),
                                      &matrix, descriptors_.bias.get(), &bias),
               "cudnnGetRNNWeightParams");
    const std::int64_t first = layer % kGates * p_.units;
    const bool of_input = layer < kGates;
    const Tensor& whole = of_input ? weights.weight_ih : weights.weight_hh;
    if (whole) {
      const Tensor own = whole.rows(first, first + p_.units);
      body(own, place_of(descriptors_.matrix.get(), matrix, own.spec));
    }
    // The second bias stays zero, and has the same gradient as the first.
    if (of_input && weights.bias) {
      const Tensor own = weights.bias.rows(first, first + p_.units);
      body(own, place_of(descriptors_.bias.get(), bias, own.spec));
    }
  }
}

void CudnnLstm::pack(Context& context, const LstmWeights& weights, Tensor packed) const {
  check_lstm(p_, weights);
  check_bytes(kOp, "packed", packed, packed_bytes());
  const DeviceScope scope(device_);
  enqueue_set_bytes(context, packed.data, 0, weight_bytes_);
  for_each_parameter(weights, packed.data, [&](const Tensor& own, const Tensor& place) {
    enqueue_copy(context, place.data, own.data, own.bytes());
  });
}

void CudnnLstm::forward(Context& context, const LstmForward& arguments) const {
  const LstmForward& a = arguments;
  check_lstm(p_, a);
  check_bytes(kOp, "packed", a.packed, packed_bytes());
  check_bytes(kOp, "saved", a.saved, saved_bytes());
  check_bytes(kOp, "scratch", a.scratch, forward_scratch_bytes());
  const DeviceScope scope(device_);
  if (p_.backward && p_.initial_state) {
    // The state may be overwritten before backward.
    enqueue_copy(context, at(a.saved, saved_h0_), a.h0.data, state_bytes());
    enqueue_copy(context, at(a.saved, saved_c0_), a.c0.data, state_bytes());
  }
  // The last state goes by way of scratch memory: it may lie where the first one does.
  std::byte* h_last = a.h_last ? at(a.scratch, h_) : nullptr;
  std::byte* c_last = a.c_last ? at(a.scratch, c_) : nullptr;
  const CudnnRnnDescriptors& d = descriptors_;
  check_call(rnn_.forward(session_.handle(), d.network.get(),
                          p_.backward ? CUDNN_FWD_MODE_TRAINING : CUDNN_FWD_MODE_INFERENCE, nullptr,
                          d.x.get(), a.x.data, d.y.get(), a.y.data, d.state.get(), a.h0.data,
                          h_last, d.state.get(), a.c0.data, c_last, weight_bytes_, a.packed.data,
                          work_bytes_, at(a.scratch, work_), reserve_bytes_,
                          p_.backward ? at(a.saved, saved_reserve_) : nullptr),
             "cudnnRNNForward");
  if (a.h_last) {
    enqueue_copy(context, a.h_last.data, h_last, state_bytes());
  }
  if (a.c_last) {
    enqueue_copy(context, a.c_last.data, c_last, state_bytes());
  }
}

void CudnnLstm::backward(Context& context, const LstmBackward& arguments) const {
  const LstmForward& f = arguments.forward;
  check(p_.backward, kOp, ": backward was called, but not planned");
  check_lstm(p_, arguments);
  check_bytes(kOp, "saved", f.saved, saved_bytes());
  check_bytes(kOp, "scratch", arguments.scratch, backward_scratch_bytes());
  const DeviceScope scope(device_);
  std::byte* reserve = at(f.saved, saved_reserve_);
  std::byte* work = at(arguments.scratch, back_work_);
  std::byte* h0 = p_.initial_state ? at(f.saved, saved_h0_) : nullptr;
  std::byte* c0 = p_.initial_state ? at(f.saved, saved_c0_) : nullptr;
  void* dx = p_.input_gradient ? arguments.dx.data : at(arguments.scratch, back_dx_);
  const CudnnRnnDescriptors& d = descriptors_;
  check_call(rnn_.backward_data(session_.handle(), d.network.get(), nullptr, d.y.get(), f.y.data,
                                arguments.dy.data, d.x.get(), dx, d.state.get(), h0,
                                arguments.dh_last.data, arguments.dh0.data, d.state.get(), c0,
                                arguments.dc_last.data, arguments.dc0.data, weight_bytes_,
                                f.packed.data, work_bytes_, work, reserve_bytes_, reserve),
             "cudnnRNNBackwardData_v8");
  // cuDNN adds, in an order of parameters of its own.
  std::byte* weights = at(arguments.scratch, back_weights_);
  enqueue_set_bytes(context, weights, 0, weight_bytes_);
  check_call(
      rnn_.backward_weights(session_.handle(), d.network.get(), CUDNN_WGRAD_MODE_ADD, nullptr,
                            d.x.get(), f.x.data, d.state.get(), h0, d.y.get(), f.y.data,
                            weight_bytes_, weights, work_bytes_, work, reserve_bytes_, reserve),
      "cudnnRNNBackwardWeights_v8");
  for_each_parameter(arguments.gradients, weights, [&](const Tensor& own, const Tensor& place) {
    cuda::add_in_place(context, place, own);
  });
}

}  // namespace

std::unique_ptr<LstmKernel> plan_cudnn_lstm(Context& context, const LstmProblem& problem) {
  check_lstm(problem);
  check(
      cudnn_computes(problem),
      "lstm: cuDNN computes neither cont masks, static gates, bf16 in memory nor sequences without "
      "inputs; leave the provider to auto or own");
  const DeviceScope scope(context.device());
  return std::make_unique<CudnnLstm>(context, problem);
}

}  // namespace lrcn::cuda
