// Where the weights of an LSTM lie, told by a layout of the test: cuDNN's own needs a device.
#include "kernels/cuda/cudnn/lstm_parameters.h"

#include <gtest/gtest.h>

#include <optional>

#include "kernels/nvidia_libraries.h"
#include "tests/kernels/lstm_run.h"

namespace lrcn::test {
namespace {

using cuda::CudnnFunctions;
using cuda::CudnnLstmParameters;
using cuda::CudnnRnnDescriptors;
using cuda::CudnnRnnFunctions;

constexpr std::int64_t kInputs = 5;
constexpr std::int64_t kUnits = 3;
constexpr std::int64_t kElements = 200;

// What stands in for cuDNN: 4 matrices of the input, 4 of the state and 8 biases behind each other,
// with a gap in front of the third gate.
struct MadeUp {
  decltype(::cudnnSetTensorNdDescriptor)* set_tensor = nullptr;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::int64_t gap = 0;

  std::int64_t offset(int gate, bool bias) const {
    const std::int64_t matrices[] = {0, 4 * kUnits * kInputs + gap};
    const int of_state = gate / 4;
    const std::int64_t behind = gate % 4 >= 2 ? gap : 0;
    if (bias) {
      return matrices[1] + 4 * kUnits * kUnits + gap + of_state * (4 * kUnits + gap) +
             gate % 4 * kUnits + behind;
    }
    return matrices[of_state] + gate % 4 * kUnits * (of_state ? kUnits : kInputs) + behind;
  }
};

MadeUp made_up;

cudnnStatus_t weight_space(cudnnHandle_t, cudnnRNNDescriptor_t, std::size_t* bytes) {
  *bytes = kElements * (made_up.type == CUDNN_DATA_FLOAT ? 4 : 2);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t weight_parameters(cudnnHandle_t, cudnnRNNDescriptor_t, std::int32_t, std::size_t,
                                const void* block, std::int32_t gate,
                                cudnnTensorDescriptor_t matrix, void** matrix_place,
                                cudnnTensorDescriptor_t bias, void** bias_place) {
  const int columns = gate < 4 ? kInputs : kUnits;
  const int matrix_extents[] = {1, kUnits, columns};
  const int bias_extents[] = {1, kUnits, 1};
  const int matrix_strides[] = {int(kUnits) * columns, columns, 1};
  const int bias_strides[] = {kUnits, 1, 1};
  const auto at = [&](bool of_bias) {
    const std::size_t size = made_up.type == CUDNN_DATA_FLOAT ? 4 : 2;
    return const_cast<char*>(static_cast<const char*>(block)) +
           std::size_t(made_up.offset(gate, of_bias)) * size;
  };
  *matrix_place = at(false);
  *bias_place = at(true);
  made_up.set_tensor(bias, made_up.type, 3, bias_extents, bias_strides);
  return made_up.set_tensor(matrix, made_up.type, 3, matrix_extents, matrix_strides);
}

struct Piece {
  std::ptrdiff_t from;  // in bytes from the beginning of the weights
  TensorSpec own;
  std::ptrdiff_t place;  // in bytes from the beginning of the block
  DType dtype;

  bool operator==(const Piece&) const = default;
};

void PrintTo(const Piece& piece, std::ostream* out) {
  *out << concat(piece.own, " from ", piece.from, " at ", piece.place, " as ", piece.dtype);
}

class CudnnParameters : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string problem = cudnn_library().problem; !problem.empty()) {
      GTEST_SKIP() << problem;
    }
    cudnn_.emplace();
    rnn_.emplace(*cudnn_);
    made_up = {.set_tensor = rnn_->set_tensor};
    rnn_->weight_space = weight_space;
    rnn_->weight_parameters = weight_parameters;
  }

  std::vector<Piece> pieces(DType dtype, bool with_bias = true) {
    LstmProblem problem = training(2, 4, kInputs, kUnits);
    problem.precision = Precision::bf16;
    problem.dtype = dtype;
    made_up.type = cuda::cudnn_type_of(dtype);
    // The descriptors say f32: cuDNN before 9.13 has no others.
    const CudnnRnnDescriptors descriptors(*rnn_, training(2, 4, kInputs, kUnits));
    const CudnnLstmParameters parameters(*rnn_, nullptr, descriptors, problem);
    EXPECT_EQ(parameters.bytes(), kElements * size_of(dtype));
    std::byte own[4096];
    std::byte place[kElements * 4];
    const TensorSpec ih{{4 * kUnits, kInputs}}, hh{{4 * kUnits, kUnits}}, bias{{4 * kUnits}};
    const Tensor block{place, {{std::int64_t(parameters.bytes())}, DType::u8}, {}};
    const LstmWeights weights{.weight_ih = {own, ih, {}},
                              .weight_hh = {own + 1024, hh, {}},
                              .bias = with_bias ? Tensor{own + 2048, bias, {}} : Tensor{}};
    std::vector<Piece> found;
    parameters.for_each(weights, block, [&](const Tensor& x, const Tensor& y) {
      EXPECT_EQ(x.shape(), y.shape());
      found.push_back({static_cast<std::byte*>(x.data) - own, x.spec,
                       static_cast<std::byte*>(y.data) - place, y.spec.dtype});
    });
    return found;
  }

  std::optional<CudnnFunctions> cudnn_;
  std::optional<CudnnRnnFunctions> rnn_;
};

TEST_F(CudnnParameters, AreWholeMatricesWhereGatesLieBehindEachOther) {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    const auto size = std::ptrdiff_t(size_of(dtype));
    EXPECT_EQ(pieces(dtype), (std::vector<Piece>{{0, {{12, 5}}, 0, dtype},
                                                 {1024, {{12, 3}}, 60 * size, dtype},
                                                 {2048, {{12}}, 96 * size, dtype}}));
  }
}

TEST_F(CudnnParameters, AreDividedWhereGatesLieApart) {
  made_up.gap = 7;
  EXPECT_EQ(pieces(DType::bf16), (std::vector<Piece>{{0, {{6, 5}}, 0, DType::bf16},
                                                     {120, {{6, 5}}, 74, DType::bf16},
                                                     {1024, {{6, 3}}, 134, DType::bf16},
                                                     {1096, {{6, 3}}, 184, DType::bf16},
                                                     {2048, {{6}}, 220, DType::bf16},
                                                     {2072, {{6}}, 246, DType::bf16}}));
}

TEST_F(CudnnParameters, AreLeftOutWhereTheyAreAbsent) {
  EXPECT_EQ(pieces(DType::f32, false).size(), 2u);
}

TEST_F(CudnnParameters, OfAnotherTypeAreRefused) {
  const CudnnRnnDescriptors descriptors(*rnn_, training(2, 4, kInputs, kUnits));
  made_up.type = CUDNN_DATA_HALF;
  const CudnnLstmParameters parameters(*rnn_, nullptr, descriptors,
                                       training(2, 4, kInputs, kUnits));
  std::byte memory[1024];
  const Tensor block{memory, {{1024}, DType::u8}, {}};
  const LstmWeights weights{.weight_hh = {memory, {{4 * kUnits, kUnits}}, {}}};
  EXPECT_THROW(parameters.for_each(weights, block, [](const Tensor&, const Tensor&) {}),
               DeviceError);
}

}  // namespace
}  // namespace lrcn::test
