// Plans of cuDNN for GPUs that are only described: everything but running them.
#include "kernels/cuda/cudnn/convolution_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/nvidia_libraries.h"
#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/cuda/cudnn/described_device.h"

namespace lrcn::test {
namespace {

using cuda::ConvolutionDirection;
using cuda::CudnnEpilogue;
using cuda::CudnnPlan;
using cuda::CudnnRequest;
using cuda::CudnnTensor;

constexpr std::size_t kLimit = std::size_t(256) << 20;

struct Memory {
  DType dtype;
  Precision precision;
};

bool has_note(const CudnnPlan& plan, cudnnBackendNumericalNote_t note) {
  return std::find(plan.notes.begin(), plan.notes.end(), note) != plan.notes.end();
}

class CudnnPlans : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (const std::string problem = cudnn_library().problem; !problem.empty()) {
      GTEST_SKIP() << problem;
    }
    cudnn_.emplace();
    device_.emplace(*cudnn_, GetParam());
  }

  std::optional<CudnnPlan> plan(const ConvolutionCase& test, Memory memory,
                                const CudnnRequest& request) {
    ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
    const Shape y = convolution_shape(problem);
    problem.x.dtype = memory.dtype;
    problem.x.layout = Layout::nhwc;
    problem.precision = memory.precision;
    return plan_cudnn_graph(device_->target(), problem, {y, memory.dtype, Layout::nhwc}, request);
  }

  std::optional<CudnnFunctions> cudnn_;
  std::optional<DescribedDevice> device_;
};

TEST_P(CudnnPlans, ThereIsOneForEveryConvolutionInF32AndTf32) {
  for (const ConvolutionCase& test : kConvolutionCases) {
    for (const Precision precision : {Precision::f32, Precision::tf32}) {
      for (const auto direction :
           {ConvolutionDirection::forward, ConvolutionDirection::dx, ConvolutionDirection::dw}) {
        SCOPED_TRACE(concat(test.name, ", ", precision, ", ", direction));
        const auto found = plan(test, {DType::f32, precision}, {direction, {}, kLimit});
        ASSERT_TRUE(found.has_value());
        EXPECT_LE(found->workspace_bytes, kLimit);
        EXPECT_EQ(found->tensors.size(), 3u);
      }
    }
  }
}

TEST_P(CudnnPlans, RunOnTensorCoresOnlyWherePrecisionPermitsIt) {
  const ConvolutionCase deep{"deep", {32, 256, 28, 28}, 256, kSame3};
  for (const auto direction :
       {ConvolutionDirection::forward, ConvolutionDirection::dx, ConvolutionDirection::dw}) {
    SCOPED_TRACE(concat(direction));
    const CudnnRequest request{direction, {}, kLimit};
    const auto exact = plan(deep, {DType::f32, Precision::f32}, request);
    ASSERT_TRUE(exact.has_value());
    EXPECT_FALSE(has_note(*exact, CUDNN_NUMERICAL_NOTE_TENSOR_CORE));
    const auto rounded = plan(deep, {DType::f32, Precision::tf32}, request);
    ASSERT_TRUE(rounded.has_value());
    EXPECT_TRUE(has_note(*rounded, CUDNN_NUMERICAL_NOTE_TENSOR_CORE));
  }
}

TEST_P(CudnnPlans, GiveTheSameBitsEveryTimeAndKeepTheirSumsInF32) {
  for (const ConvolutionCase& test : kConvolutionCases) {
    for (const auto direction :
         {ConvolutionDirection::forward, ConvolutionDirection::dx, ConvolutionDirection::dw}) {
      const auto found = plan(test, {DType::f32, Precision::tf32}, {direction, {}, kLimit});
      ASSERT_TRUE(found.has_value());
      for (const auto note :
           {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION,
            CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS, CUDNN_NUMERICAL_NOTE_FFT,
            CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6, CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13}) {
        EXPECT_FALSE(has_note(*found, note)) << test.name << ", " << direction << ", note " << note;
      }
    }
  }
}

TEST_P(CudnnPlans, FuseBiasAndReluIntoOneEngine) {
  for (const ConvolutionCase& test : kConvolutionCases) {
    SCOPED_TRACE(test.name);
    const auto found = plan(test, {DType::f32, Precision::tf32},
                            {ConvolutionDirection::forward, {true, true}, kLimit});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->tensors, (std::vector<CudnnTensor>{CudnnTensor::x, CudnnTensor::w,
                                                        CudnnTensor::y, CudnnTensor::bias}));
  }
}

TEST_P(CudnnPlans, ReadAndWriteImagesInBf16) {
  for (const ConvolutionCase& test : kConvolutionCases) {
    SCOPED_TRACE(test.name);
    for (const auto direction : {ConvolutionDirection::forward, ConvolutionDirection::dx}) {
      EXPECT_TRUE(plan(test, {DType::bf16, Precision::bf16}, {direction, {}, kLimit}).has_value());
    }
  }
}

TEST_P(CudnnPlans, KeepToTheLimitOfTheirWorkspace) {
  const ConvolutionCase deep{"deep", {32, 512, 14, 14}, 512, kSame3};
  const CudnnRequest request{ConvolutionDirection::forward, {}, 0};
  const auto found = plan(deep, {DType::f32, Precision::f32}, request);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->workspace_bytes, 0u);
}

TEST_P(CudnnPlans, RefuseMisalignedAndMissingMemoryBeforeTheyRun) {
  const auto found = plan(kConvolutionCases[1], {DType::f32, Precision::f32},
                          {ConvolutionDirection::forward, {}, kLimit});
  ASSERT_TRUE(found.has_value());
  alignas(16) float memory[8] = {};
  EXPECT_THROW(found->execute(nullptr, {.x = memory + 1, .w = memory, .y = memory}), ArgumentError);
  EXPECT_THROW(found->execute(nullptr, {.x = memory, .y = memory}), ArgumentError);
}

INSTANTIATE_TEST_SUITE_P(Devices, CudnnPlans, testing::Values(800, 900),
                         [](const auto& device) { return concat("sm_", device.param / 10); });

class CudnnErrors : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string problem = cudnn_library().problem; !problem.empty()) {
      GTEST_SKIP() << problem;
    }
    cudnn_.emplace();
  }
  std::optional<CudnnFunctions> cudnn_;
};

TEST_F(CudnnErrors, NameTheCallTheDescriptorAndWhatCudnnSays) {
  cuda::CudnnDescriptor tensor(*cudnn_, CUDNN_BACKEND_TENSOR_DESCRIPTOR, "tensor of nothing");
  try {
    tensor.finalize();
    FAIL() << "was finalized";
  } catch (const DeviceError& error) {
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with("cudnnBackendFinalize of tensor of nothing: CUDNN_STATUS_BAD_"))
        << text;
  }
}

TEST_F(CudnnErrors, ShowShapesThatDoNotBelongTogether) {
  const ConvolutionProblem problem{
      .x = {{1, 8, 6, 6}, DType::f32, Layout::nhwc}, .out_channels = 8, .window = kSame3};
  cuda::CudnnGraph graph(*cudnn_, problem, {{1, 8, 7, 6}, DType::f32, Layout::nhwc});
  EXPECT_THROW(graph.add_forward({}), DeviceError);
}

TEST_F(CudnnErrors, OfOneEngineAreNoReasonToGiveUpTheOthers) {
  cuda::CudnnDescriptor plan(*cudnn_, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, "plan");
  cudnn_->finalize = [](cudnnBackendDescriptor_t) {
    return CUDNN_STATUS_INTERNAL_ERROR_COMPILATION_FAILED;
  };
  EXPECT_FALSE(plan.finalizes());
  cudnn_->finalize = [](cudnnBackendDescriptor_t) {
    return CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
  };
  EXPECT_THROW(plan.finalizes(), MemoryError);
  cudnn_->finalize = [](cudnnBackendDescriptor_t) {
    return CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER;
  };
  EXPECT_THROW(plan.finalizes(), DeviceError);
}

TEST_F(CudnnErrors, SayWhyThereIsNoHandleWithoutADevice) {
  cudnnHandle_t handle = nullptr;
  const cudnnStatus_t status = cudnn_->create(&handle);
  if (status == CUDNN_STATUS_SUCCESS) {
    cudnn_->destroy(handle);
    GTEST_SKIP() << "there is a device";
  }
  EXPECT_TRUE(
      cudnn_->text_of(status, "cudnnCreate").starts_with("cudnnCreate: CUDNN_STATUS_NOT_INITI"));
}

}  // namespace
}  // namespace lrcn::test
