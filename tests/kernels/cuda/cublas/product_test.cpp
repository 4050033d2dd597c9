// cuBLASLt's descriptors, which need no device.
#include "kernels/cuda/cublas/product.h"

#include <gtest/gtest.h>

#include <optional>

#include "kernels/nvidia_libraries.h"
#include "tests/kernels/matmul_cases.h"

namespace lrcn::test {
namespace {

using cuda::CublasFunctions;
using cuda::CublasProduct;

class CublasProducts : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string problem = cublaslt_library().problem; !problem.empty()) {
      GTEST_SKIP() << problem;
    }
    lt_.emplace();
  }
  std::optional<CublasFunctions> lt_;
};

TEST_F(CublasProducts, AreDescribedForEveryCombinationOfOptions) {
  int described = 0;
  for (const MatmulSize& size : kMatmulSizes) {
    for_each_matmul(size, [&](MatmulProblem problem) {
      for (const auto precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
        problem.precision = precision;
        for (const bool fused : {true, false}) {
          EXPECT_NO_THROW(CublasProduct(*lt_, problem, DType::f32, fused));
          ++described;
        }
      }
      problem.c_dtype = DType::bf16;
      EXPECT_NO_THROW(CublasProduct(*lt_, problem, DType::bf16, true));
    });
  }
  EXPECT_GT(described, 1000);
}

TEST_F(CublasProducts, AreDescribedWithGapsBetweenRows) {
  for (const unsigned bits : {0u, 1u, 2u, 3u}) {
    const MatmulProblem problem{.m = 31,
                                .n = 33,
                                .k = 32,
                                .transpose_a = (bits & 1u) != 0,
                                .transpose_b = (bits & 2u) != 0,
                                .a_pitch = 40,
                                .c_pitch = 48};
    EXPECT_NO_THROW(CublasProduct(*lt_, problem, DType::f32, true));
    EXPECT_NO_THROW(CublasProduct(*lt_, problem, DType::bf16, true));
  }
}

TEST_F(CublasProducts, SayWhyThereIsNoHandleWithoutADevice) {
  cublasLtHandle_t handle = nullptr;
  const cublasStatus_t status = lt_->create(&handle);
  if (status == CUBLAS_STATUS_SUCCESS) {
    lt_->destroy(handle);
    GTEST_SKIP() << "there is a device";
  }
  try {
    lt_->check(status, "cublasLtCreate");
    FAIL() << "was taken for success";
  } catch (const DeviceError& error) {
    EXPECT_EQ(std::string(error.what()), "cublasLtCreate: the library was not initialized");
  }
}

}  // namespace
}  // namespace lrcn::test
