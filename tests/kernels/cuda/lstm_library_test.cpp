#include "kernels/cuda/lstm_library.h"

#include <gtest/gtest.h>

#include "tests/kernels/lstm_run.h"

namespace lrcn::test {
namespace {

TEST(CudaCudnnLstm, IsOfferedForSequencesThatAllBeginAtTheFirstStep) {
  EXPECT_TRUE(cuda::cudnn_computes(training(4, 3, 5, 6)));
  EXPECT_TRUE(cuda::cudnn_computes(with(training(4, 3, 5, 6), false, false, true)));
  EXPECT_FALSE(cuda::cudnn_computes(with(training(4, 3, 5, 6), true, false, false)));
  EXPECT_FALSE(cuda::cudnn_computes(with(training(4, 3, 5, 6), false, true, false)));
  EXPECT_FALSE(cuda::cudnn_computes(training(4, 3, 0, 6)));
  LstmProblem narrow = training(4, 3, 5, 6);
  narrow.precision = Precision::bf16;
  EXPECT_TRUE(cuda::cudnn_computes(narrow));
  narrow.dtype = DType::bf16;
  EXPECT_FALSE(cuda::cudnn_computes(narrow));
}

}  // namespace
}  // namespace lrcn::test
