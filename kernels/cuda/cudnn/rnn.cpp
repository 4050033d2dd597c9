#include "kernels/cuda/cudnn/rnn.h"

#include <limits>
#include <vector>

namespace lrcn::cuda {
namespace {

int narrow(const char* name, std::int64_t value) {
  check(value <= std::numeric_limits<int>::max(), "lstm: cuDNN counts ", name,
        " up to 2147483647, got ", value);
  return int(value);
}

template <class Descriptor>
CudnnOwned<Descriptor> make(const CudnnFunctions& cudnn, const char* call,
                            cudnnStatus_t (*create)(Descriptor*),
                            cudnnStatus_t (*destroy)(Descriptor)) {
  Descriptor descriptor = nullptr;
  cudnn.check(create(&descriptor), call);
  return {descriptor, destroy};
}

CudnnOwned<cudnnRNNDataDescriptor_t> make_data(const CudnnRnnFunctions& rnn, const LstmProblem& p,
                                               std::int64_t width) {
  auto data = make(rnn.cudnn, "cudnnCreateRNNDataDescriptor", rnn.create_data, rnn.destroy_data);
  const int steps = narrow("steps", p.steps);
  const std::vector<int> lengths(std::size_t(p.batch), steps);
  float padding = 0.0f;  // there is none; zero in any type
  rnn.cudnn.check(
      rnn.set_data(data.get(), cudnn_type_of(p.dtype), CUDNN_RNN_DATA_LAYOUT_SEQ_MAJOR_UNPACKED,
                   steps, narrow("rows", p.batch), narrow("columns", width), lengths.data(),
                   &padding),
      "cudnnSetRNNDataDescriptor");
  return data;
}

CudnnOwned<cudnnTensorDescriptor_t> make_tensor(const CudnnRnnFunctions& rnn) {
  return make(rnn.cudnn, "cudnnCreateTensorDescriptor", rnn.create_tensor, rnn.destroy_tensor);
}

// bf16 is computed by tensor cores alone, and default means tf32 where a device has it.
cudnnMathType_t math_of(const LstmProblem& p) {
  if (p.dtype == DType::bf16) {
    return CUDNN_TENSOR_OP_MATH;
  }
  return p.precision == Precision::f32 ? CUDNN_FMA_MATH : CUDNN_DEFAULT_MATH;
}

}  // namespace

CudnnRnnDescriptors::CudnnRnnDescriptors(const CudnnRnnFunctions& rnn, const LstmProblem& p)
    : network(make(rnn.cudnn, "cudnnCreateRNNDescriptor", rnn.create_rnn, rnn.destroy_rnn)),
      x(make_data(rnn, p, p.inputs)),
      y(make_data(rnn, p, p.units)),
      state(make_tensor(rnn)),
      matrix(make_tensor(rnn)),
      bias(make_tensor(rnn)) {
  const int units = narrow("units", p.units);
  const int batch = narrow("rows", p.batch);
  // Two biases, the second of which stays zero: the persistent algorithms know no other way. Sums
  // are f32; cuDNN refuses bf16 ones.
  rnn.cudnn.check(
      rnn.set_rnn(network.get(),
                  p.algorithm == LstmAlgorithm::persistent ? CUDNN_RNN_ALGO_PERSIST_STATIC
                                                           : CUDNN_RNN_ALGO_STANDARD,
                  CUDNN_LSTM, CUDNN_RNN_DOUBLE_BIAS, CUDNN_UNIDIRECTIONAL, CUDNN_LINEAR_INPUT,
                  cudnn_type_of(p.dtype), CUDNN_DATA_FLOAT, math_of(p), narrow("inputs", p.inputs),
                  units, units, 1, nullptr, CUDNN_RNN_PADDED_IO_ENABLED),
      "cudnnSetRNNDescriptor_v8");
  const std::array<int, 3> extents = {1, batch, units};
  const std::array<int, 3> strides = {narrow("elements of a state", p.batch * p.units), units, 1};
  rnn.cudnn.check(
      rnn.set_tensor(state.get(), cudnn_type_of(p.dtype), 3, extents.data(), strides.data()),
      "cudnnSetTensorNdDescriptor");
}

}  // namespace lrcn::cuda
