// LSTM sequences by cuDNN: what describes them, which needs no device, and on one the tests that
// every backend has to pass.
#include "kernels/cuda/cudnn/rnn.h"

#include <gtest/gtest.h>

#include <optional>

#include "kernels/cuda/lstm_library.h"
#include "kernels/nvidia_libraries.h"
#include "tests/kernels/lstm_suites.h"

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
    for (const auto precision : {Precision::f32, Precision::tf32}) {
      for (const auto algorithm : {LstmAlgorithm::stepwise, LstmAlgorithm::persistent}) {
        if (cuda::cudnn_computes(problem)) {
          problem.precision = precision;
          problem.algorithm = algorithm;
          EXPECT_NO_THROW(CudnnRnnDescriptors(*rnn_, problem));
          ++described;
        }
      }
    }
  }
  EXPECT_GE(described, 16);
}

TEST_F(CudnnRnn, RefusesSizesThatCudnnCannotCount) {
  EXPECT_THROW(CudnnRnnDescriptors(*rnn_, training(1, 1, 4, std::int64_t(1) << 31)), ArgumentError);
}

const LstmBackend kCudnn = {
    .name = "Cudnn", .device = Device::cuda(0), .plan = cuda::plan_cudnn_lstm};
const LstmProblem kProblems[] = {
    training(1, 1, 1, 1),     training(2, 5, 3, 16),
    training(4, 6, 31, 17),   with(training(3, 4, 7, 100), false, false, true),
    training(20, 16, 64, 64),
};
INSTANTIATE_TEST_SUITE_P(CudaCudnn, LstmSequence,
                         testing::Combine(testing::Values(kCudnn), testing::ValuesIn(kProblems)));

}  // namespace
}  // namespace lrcn::test
