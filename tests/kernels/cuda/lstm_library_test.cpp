#include "kernels/cuda/lstm_library.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "kernels/nvidia_libraries.h"
#include "tests/kernels/lstm_run.h"

namespace lrcn::test {
namespace {

TEST(CudaCudnnLstm, IsOfferedForSequencesThatAllBeginAtTheFirstStep) {
  EXPECT_TRUE(cuda::cudnn_computes(training(4, 3, 5, 6)));
  EXPECT_TRUE(cuda::cudnn_computes(with(training(4, 3, 5, 6), false, false, true)));
  EXPECT_FALSE(cuda::cudnn_computes(with(training(4, 3, 5, 6), true, false, false)));
  EXPECT_FALSE(cuda::cudnn_computes(with(training(4, 3, 5, 6), false, true, false)));
  EXPECT_FALSE(cuda::cudnn_computes(training(4, 3, 0, 6)));
  LstmProblem imprecise = training(4, 3, 5, 6);
  imprecise.precision = Precision::bf16;
  EXPECT_TRUE(cuda::cudnn_computes(imprecise));
}

TEST(CudaCudnnLstm, IsOfferedForBf16InMemoryFromVersion913On) {
  int major = 9;
  int minor = 13;
  const std::string version = cudnn_library().version;
  if (!version.empty()) {
    ASSERT_EQ(std::sscanf(version.c_str(), "%d.%d", &major, &minor), 2) << version;
  }
  LstmProblem narrow = training(4, 3, 5, 6);
  narrow.precision = Precision::bf16;
  narrow.dtype = DType::bf16;
  EXPECT_EQ(cuda::cudnn_computes(narrow), major * 100 + minor >= 913) << version;
  EXPECT_FALSE(cuda::cudnn_computes(with(narrow, true, false, false)));
  EXPECT_FALSE(cuda::cudnn_computes(with(narrow, false, true, false)));
  narrow.inputs = 0;
  EXPECT_FALSE(cuda::cudnn_computes(narrow));
}

}  // namespace
}  // namespace lrcn::test
