// What is planned for a convolution on CUDA without measuring anything.
#include "core/transfer.h"
#include "kernels/convolution.h"
#include "kernels/cuda/convolution_methods.h"
#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using CudaConvolutionPlan = CudaAgreement;

TEST_F(CudaConvolutionPlan, InBf16MemoryPacksHalfTheBytes) {
  ConvolutionProblem problem{.x = {{1, 8, 6, 5}, DType::bf16, Layout::nhwc},
                             .out_channels = 16,
                             .window = kSame3,
                             .precision = Precision::bf16,
                             .y_dtype = DType::bf16};
  const auto kernel = plan_convolution(cuda_context(), problem);
  EXPECT_EQ(kernel->algorithms(), "forward bf16 64x32");
  EXPECT_EQ(kernel->x_spec().dtype, DType::bf16);
  EXPECT_EQ(kernel->y_spec().dtype, DType::bf16);
  EXPECT_EQ(kernel->packed_bytes(), 16u * 8u * 9u * 2u);
  problem.x.dtype = DType::f32;
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->packed_bytes(), 16u * 8u * 9u * 4u);
}

TEST_F(CudaConvolutionPlan, RefusesTypesThatDoNotGoTogether) {
  const ConvolutionProblem good{.x = {{1, 8, 6, 5}, DType::bf16, Layout::nhwc},
                                .out_channels = 16,
                                .window = kSame3,
                                .precision = Precision::bf16,
                                .y_dtype = DType::bf16};
  EXPECT_THROW(plan_convolution(cpu_context(), good), ArgumentError);
  ConvolutionProblem problem = good;
  problem.y_dtype = DType::f32;
  EXPECT_THROW(plan_convolution(cuda_context(), problem), ArgumentError);
  problem = good;
  problem.precision = Precision::tf32;
  EXPECT_THROW(plan_convolution(cuda_context(), problem), ArgumentError);
  problem = good;
  problem.x.dtype = DType::u8;
  EXPECT_THROW(plan_convolution(cuda_context(), problem), ArgumentError);
  for (const auto engine : {cuda::ConvolutionEngine::simt, cuda::ConvolutionEngine::tf32}) {
    const cuda::ConvolutionMethod method{engine, cuda::ConvolutionTile::small};
    const cuda::ConvolutionMethods methods{.forward = method, .dx = method, .dw = method};
    EXPECT_THROW(plan_convolution_by(cuda_context(), good, methods), ArgumentError);
  }
}

TEST_F(CudaConvolutionPlan, FollowsThePrecision) {
  ConvolutionProblem problem{
      .x = {{32, 64, 56, 56}, DType::f32, Layout::nhwc}, .out_channels = 128, .window = kSame3};
  problem.precision = Precision::tf32;
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(), "forward tf32 128x128");
  problem.precision = Precision::bf16;
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(), "forward bf16 128x128");
}

TEST_F(CudaConvolutionPlan, NamesTheKernelsOfEachDirection) {
  ConvolutionProblem problem{.x = {{32, 64, 56, 56}, DType::f32, Layout::nhwc},
                             .out_channels = 128,
                             .window = kSame3,
                             .backward = true};
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(),
            "forward simt 128x128, dx simt 128x64, dw simt 128x128 split 53");
  problem.needs_dx = false;
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(),
            "forward simt 128x128, dw simt 128x128 split 53");
  for (const auto algorithm : {ConvolutionAlgorithm::direct, ConvolutionAlgorithm::plain}) {
    problem.algorithm = algorithm;
    EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(), "forward direct, dw direct");
  }
  problem.algorithm = ConvolutionAlgorithm::winograd;
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(),
            "forward simt 128x128, dw simt 128x128 split 53");
}

TEST_F(CudaConvolutionPlan, TakesSmallTilesWhereLargeOnesWouldBeFew) {
  const ConvolutionProblem problem{
      .x = {{1, 512, 14, 14}, DType::f32, Layout::nhwc}, .out_channels = 512, .window = kSame3};
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(), "forward simt 64x32");
}

// Four floats at a time are read only where addresses allow it; the order of the sums stays.
TEST_F(CudaConvolutionPlan, AddressesOfSingleFloatsGiveTheSameBits) {
  const ConvolutionProblem problem{
      .x = {{1, 8, 6, 5}, DType::f32, Layout::nhwc}, .out_channels = 12, .window = kSame3};
  const auto kernel = plan_convolution(cuda_context(), problem);
  const std::vector<float> x_values = random_floats(8 * 6 * 5, 1);
  const OwnedTensor w(Device::cuda(0), {{12, 8, 3, 3}});
  const OwnedTensor bias(Device::cuda(0), {{12}});
  const OwnedTensor packed(Device::cuda(0), {{std::int64_t(kernel->packed_bytes())}, DType::u8});
  upload(w.tensor, random_floats(w.tensor.elements(), 2).data());
  upload(bias.tensor, random_floats(12, 3).data());
  kernel->pack(cuda_context(), w.tensor, packed.tensor, {});
  std::vector<std::vector<float>> results;
  for (const std::size_t shift : {std::size_t(0), sizeof(float)}) {
    const auto moved = [&](const TensorSpec& spec, Buffer& buffer) {
      buffer = Buffer::allocate(Device::cuda(0), spec.bytes() + shift);
      return Tensor{buffer.data() + shift, spec, Device::cuda(0)};
    };
    Buffer x_buffer;
    Buffer y_buffer;
    const Tensor x = moved(kernel->x_spec(), x_buffer);
    const Tensor y = moved(kernel->y_spec(), y_buffer);
    upload(x, x_values.data());
    kernel->forward(cuda_context(), {x, packed.tensor, bias.tensor, y, {}});
    results.emplace_back(std::size_t(y.elements()));
    download(results.back().data(), y);
  }
  expect_same_bits(results[0], results[1]);
}

TEST_F(CudaConvolutionPlan, ReadsPicturesAsTheyComeAndEverythingElseAsNhwc) {
  const auto layout = [&](std::int64_t channels, Layout asked) {
    const ConvolutionProblem problem{
        .x = {{1, channels, 8, 8}, DType::f32, asked}, .out_channels = 16, .window = kSame3};
    const auto kernel = plan_convolution(cuda_context(), problem);
    EXPECT_EQ(kernel->y_spec().layout, Layout::nhwc);
    return kernel->x_spec().layout;
  };
  EXPECT_EQ(layout(3, Layout::plain), Layout::plain);
  EXPECT_EQ(layout(3, Layout::nhwc), Layout::nhwc);
  EXPECT_EQ(layout(16, Layout::plain), Layout::nhwc);
  EXPECT_EQ(layout(16, Layout::blocked16), Layout::nhwc);
}

}  // namespace
}  // namespace lrcn::test
