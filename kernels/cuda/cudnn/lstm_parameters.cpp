#include "kernels/cuda/cudnn/lstm_parameters.h"

namespace lrcn::cuda {
namespace {

constexpr int kGates = 4;

}  // namespace

CudnnLstmParameters::CudnnLstmParameters(const CudnnRnnFunctions& rnn, cudnnHandle_t handle,
                                         const CudnnRnnDescriptors& descriptors,
                                         const LstmProblem& problem)
    : rnn_(rnn),
      handle_(handle),
      descriptors_(descriptors),
      units_(problem.units),
      dtype_(problem.dtype) {
  rnn_.cudnn.check(rnn_.weight_space(handle_, descriptors_.network.get(), &bytes_),
                   "cudnnGetRNNWeightSpaceSize");
}

std::byte* CudnnLstmParameters::place_of(int layer, bool bias, const Tensor& block,
                                         std::int64_t elements) const {
  void* matrix_place = nullptr;
  void* bias_place = nullptr;
  const CudnnRnnDescriptors& d = descriptors_;
  rnn_.cudnn.check(rnn_.weight_parameters(handle_, d.network.get(), 0, bytes_, block.data, layer,
                                          d.matrix.get(), &matrix_place, d.bias.get(), &bias_place),
                   "cudnnGetRNNWeightParams");
  std::array<int, 3> extents{};
  std::array<int, 3> strides{};
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  int rank = 0;
  rnn_.cudnn.check(rnn_.get_tensor((bias ? d.bias : d.matrix).get(), 3, &type, &rank,
                                   extents.data(), strides.data()),
                   "cudnnGetTensorNdDescriptor");
  void* place = bias ? bias_place : matrix_place;
  const std::int64_t found = std::int64_t(extents[0]) * extents[1] * extents[2];
  check<DeviceError>(
      place != nullptr && rank == 3 && found == elements && type == cudnn_type_of(dtype_),
      "lstm: cuDNN has a parameter of ", found, " elements of its type ", int(type), " where ",
      elements, " of ", dtype_, " were expected");
  return static_cast<std::byte*>(place);
}

void CudnnLstmParameters::for_each(const Tensor& whole, Gates gates, const Tensor& block,
                                   const Body& body) const {
  if (!whole) {
    return;
  }
  const std::int64_t gate_elements = whole.elements() / kGates;
  std::int64_t first_row = 0;
  std::byte* place = nullptr;  // of that row
  std::byte* end = nullptr;    // of the gates that lie behind each other from there on
  const auto hand_over = [&](std::int64_t last_row) {
    const Tensor own = whole.rows(first_row, last_row);
    body(own, {place, {own.shape(), dtype_}, block.device});
  };
  for (int gate = 0; gate < kGates; ++gate) {
    std::byte* next = place_of(gates.first + gate, gates.bias, block, gate_elements);
    if (next != end) {
      if (gate > 0) {
        hand_over(gate * units_);
      }
      first_row = gate * units_;
      place = next;
    }
    end = next + std::size_t(gate_elements) * size_of(dtype_);
  }
  hand_over(kGates * units_);
}

void CudnnLstmParameters::for_each(const LstmWeights& weights, const Tensor& block,
                                   const Body& body) const {
  for_each(weights.weight_ih, Gates{.first = 0, .bias = false}, block, body);
  for_each(weights.weight_hh, Gates{.first = kGates, .bias = false}, block, body);
  // The second bias stays zero, and has the same gradient as the first.
  for_each(weights.bias, Gates{.first = 0, .bias = true}, block, body);
}

}  // namespace lrcn::cuda
