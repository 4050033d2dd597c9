// LSTM sequences by cuDNN: what describes them, which needs no device, and on one the tests that
// every backend has to pass.
#include "kernels/cuda/cudnn/rnn.h"

#include <gtest/gtest.h>

#include <optional>

#include "kernels/cuda/lstm_library.h"
#include "kernels/nvidia_libraries.h"
#include "tests/kernels/cuda/lstm_bf16.h"

namespace lrcn::test {
namespace {

using cuda::CudnnFunctions;
using cuda::CudnnRnnDescriptors;
using cuda::CudnnRnnFunctions;

class CudnnRnn : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string problem = cudnn_library().problem; !problem.empty()) {
      GTEST_SKIP() << problem;
    }
    cudnn_.emplace();
    rnn_.emplace(*cudnn_);
  }
  std::optional<CudnnFunctions> cudnn_;
  std::optional<CudnnRnnFunctions> rnn_;
};

TEST_F(CudnnRnn, DescribesEveryProblemThatCudnnComputes) {
  int described = 0;
  for (LstmProblem problem : kLstmProblems) {
    for (const auto precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
      for (const auto algorithm : {LstmAlgorithm::stepwise, LstmAlgorithm::persistent}) {
        problem.precision = precision;
        problem.dtype = precision == Precision::bf16 ? DType::bf16 : DType::f32;
        problem.algorithm = algorithm;
        if (cuda::cudnn_computes(problem)) {
          EXPECT_NO_THROW(CudnnRnnDescriptors(*rnn_, problem));
          ++described;
        }
      }
    }
  }
  EXPECT_GE(described, 16);
}

std::string missing_bf16() {
  return cuda::cudnn_computes(in_bf16(training(1, 1, 1, 1)))
             ? ""
             : concat("cuDNN ", cudnn_library().version, " takes no bf16");
}

// What a descriptor says of itself.
struct Described {
  cudnnRNNAlgo_t algorithm{};
  cudnnDataType_t network{}, sums{}, x{}, y{}, state{};
  cudnnMathType_t math{};

  bool operator==(const Described&) const = default;
};

Described read(const CudnnFunctions& cudnn, const CudnnRnnFunctions& rnn,
               const CudnnRnnDescriptors& d) {
  Described all;
  cudnnRNNMode_t cell{};
  cudnnRNNBiasMode_t bias{};
  cudnnDirectionMode_t direction{};
  cudnnRNNInputMode_t input{};
  int inputs = 0, units = 0, projection = 0, layers = 0;
  cudnnDropoutDescriptor_t dropout{};
  std::uint32_t flags = 0;
  cudnn.check(cudnn.find<decltype(::cudnnGetRNNDescriptor_v8)>("cudnnGetRNNDescriptor_v8")(
                  d.network.get(), &all.algorithm, &cell, &bias, &direction, &input, &all.network,
                  &all.sums, &all.math, &inputs, &units, &projection, &layers, &dropout, &flags),
              "cudnnGetRNNDescriptor_v8");
  const auto type_of = [&](cudnnRNNDataDescriptor_t data) {
    cudnnDataType_t type{};
    cudnnRNNDataLayout_t layout{};
    int steps = 0, rows = 0, columns = 0;
    std::array<int, 8> lengths{};
    float padding = 0.0f;
    cudnn.check(cudnn.find<decltype(::cudnnGetRNNDataDescriptor)>("cudnnGetRNNDataDescriptor")(
                    data, &type, &layout, &steps, &rows, &columns, int(lengths.size()),
                    lengths.data(), &padding),
                "cudnnGetRNNDataDescriptor");
    return type;
  };
  all.x = type_of(d.x.get());
  all.y = type_of(d.y.get());
  std::array<int, 3> extents{}, strides{};
  int rank = 0;
  cudnn.check(rnn.get_tensor(d.state.get(), 3, &all.state, &rank, extents.data(), strides.data()),
              "cudnnGetTensorNdDescriptor");
  return all;
}

TEST_F(CudnnRnn, HasEveryTensorInTheTypeOfTheProblem) {
  LstmProblem problem = training(2, 5, 3, 16);
  EXPECT_EQ(read(*cudnn_, *rnn_, CudnnRnnDescriptors(*rnn_, problem)),
            (Described{CUDNN_RNN_ALGO_STANDARD, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT,
                       CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_DATA_FLOAT, CUDNN_FMA_MATH}));
  if (const std::string missing = missing_bf16(); !missing.empty()) {
    GTEST_SKIP() << missing;
  }
  problem = in_bf16(problem);
  problem.algorithm = LstmAlgorithm::persistent;
  EXPECT_EQ(read(*cudnn_, *rnn_, CudnnRnnDescriptors(*rnn_, problem)),
            (Described{CUDNN_RNN_ALGO_PERSIST_STATIC, CUDNN_DATA_BFLOAT16, CUDNN_DATA_FLOAT,
                       CUDNN_DATA_BFLOAT16, CUDNN_DATA_BFLOAT16, CUDNN_DATA_BFLOAT16,
                       CUDNN_TENSOR_OP_MATH}));
}

TEST_F(CudnnRnn, RefusesSizesThatCudnnCannotCount) {
  EXPECT_THROW(CudnnRnnDescriptors(*rnn_, training(1, 1, 4, std::int64_t(1) << 31)), ArgumentError);
}

const LstmBackend kCudnn = {.name = "Cudnn",
                            .device = Device::cuda(0),
                            .dstatic_gates = false,
                            .plan = cuda::plan_cudnn_lstm};
const LstmBackend kCudnnInBf16 = {.name = "CudnnInBf16",
                                  .device = Device::cuda(0),
                                  .dstatic_gates = false,
                                  .plan = cuda::plan_cudnn_lstm,
                                  .missing = missing_bf16};
const LstmProblem kProblems[] = {
    training(1, 1, 1, 1),     training(2, 5, 3, 16),
    training(4, 6, 31, 17),   with(training(3, 4, 7, 100), false, false, true),
    training(20, 16, 64, 64),
};
INSTANTIATE_TEST_SUITE_P(CudaCudnn, LstmSequence,
                         testing::Combine(testing::Values(kCudnn), testing::ValuesIn(kProblems)));
INSTANTIATE_TEST_SUITE_P(CudaCudnn, LstmInBf16Memory,
                         testing::Combine(testing::Values(kCudnnInBf16),
                                          testing::ValuesIn(kProblems)));

class CudnnLstm : public LstmSuite<LstmBackend> {};
class CudnnLstmInBf16 : public LstmSuite<LstmBackend> {};

TEST_P(CudnnLstm, IsTakenWhereTheProviderAsksForIt) {
  Context context(backend().device);
  context.set_provider(Provider::cudnn);
  const auto algorithms = [&](const LstmProblem& problem) {
    return plan_lstm(context, problem)->algorithms();
  };
  LstmProblem problem = training(2, 5, 3, 16);
  EXPECT_EQ(algorithms(problem), "forward cudnn standard f32, backward cudnn standard f32");
  problem.precision = Precision::bf16;
  EXPECT_EQ(algorithms(problem), "forward cudnn standard tf32, backward cudnn standard tf32");
}

TEST_P(CudnnLstm, IsNotTakenForContMasks) {
  if (const std::string missing = cublaslt_library().problem; !missing.empty()) {
    GTEST_SKIP() << missing;  // ours multiplies by it
  }
  Context context(backend().device);
  context.set_provider(Provider::cudnn);
  const LstmProblem problem = with(training(2, 5, 3, 16), true, false, false);
  for (const LstmProblem& each : {problem, in_bf16(problem)}) {
    EXPECT_EQ(plan_lstm(context, each)->algorithms().find("cudnn"), std::string::npos);
  }
}

TEST_P(CudnnLstmInBf16, IsTakenWhereTheProviderAsksForIt) {
  Context context(backend().device);
  context.set_provider(Provider::cudnn);
  EXPECT_EQ(plan_lstm(context, in_bf16(training(2, 5, 3, 16)))->algorithms(),
            "forward cudnn standard bf16, backward cudnn standard bf16");
}

TEST_P(CudnnLstm, RefusesAGradientOfStaticGates) {
  LstmBackend asking = backend();
  asking.dstatic_gates = true;
  LstmRun run(asking, random_lstm(training(2, 5, 3, 16)));
  run.forward();
  EXPECT_THROW(run.backward(), ArgumentError);
}

// Evaluation and training convert the first state in different places.
TEST_P(CudnnLstmInBf16, StartsFromTheRoundedStateInEvaluationToo) {
  LstmData data = random_in_bf16(with(training(3, 4, 7, 32), false, false, true));
  const LstmValues want = reference::lstm_forward(data);
  data.problem.backward = data.problem.input_gradient = false;
  LstmRun run(backend(), data);
  run.forward();
  EXPECT_EQ(run.kernel().saved_bytes(), 0u);
  expect_within(floats_of(run.forward_arguments().y), want.y, 3.5, "y");
  expect_within(floats_of(run.forward_arguments().c_last), want.c_last, 3.5, "c_last");
}

TEST_P(CudnnLstmInBf16, PersistentAgreesWithTheReference) {
  const LstmData data = random_in_bf16(training(5, 16, 64, 128));
  const LstmGradients gradients = reference::lstm_backward(data);
  LstmBackend persistent = backend();
  persistent.algorithm = LstmAlgorithm::persistent;
  try {
    LstmRun run(persistent, data);
    run.forward();
    run.backward();
    expect_within(floats_of(run.forward_arguments().y), reference::lstm_forward(data).y, 4.5, "y");
    expect_within(floats_of(run.backward_arguments().dx), gradients.dx, 5.5, "dx");
  } catch (const DeviceError& error) {
    GTEST_SKIP() << error.what();
  }
}

TEST_P(CudnnLstmInBf16, TakesHalfOfTheMemoryOfWeights) {
  const LstmData data = random_in_bf16(training(3, 4, 64, 64));
  LstmData wide = data;
  wide.problem.dtype = DType::f32;
  EXPECT_EQ(LstmRun(backend(), wide).kernel().packed_bytes(),
            2 * LstmRun(backend(), data).kernel().packed_bytes());
}

INSTANTIATE_TEST_SUITE_P(CudaCudnn, CudnnLstm, testing::Values(kCudnn), name_of);
INSTANTIATE_TEST_SUITE_P(CudaCudnn, CudnnLstmInBf16, testing::Values(kCudnnInBf16), name_of);

}  // namespace
}  // namespace lrcn::test
