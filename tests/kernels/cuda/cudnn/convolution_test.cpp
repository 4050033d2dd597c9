// cuDNN on a device against the double-precision reference, each direction, alone and beside our
// own kernels.
#include "kernels/cuda/convolution_choice.h"
#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using cuda::ConvolutionEngine;
using cuda::ConvolutionMethod;
using cuda::ConvolutionMethods;

// Winograd's transform of tiles of 4x4 loses some bits more than a sum.
constexpr double kUnits = 16.0;
constexpr ConvolutionMethod kCudnn{ConvolutionEngine::cudnn};

using CudaCudnnConvolution = CudaAgreement;

// Integers of -4 .. 4 have no more bits than bf16 holds: the same bound in every precision.
TEST_F(CudaCudnnConvolution, AgreesWithTheReferenceInEveryDirectionAndPrecision) {
  bool epilogue = false;
  for (const ConvolutionCase& test : kConvolutionCases) {
    for (const auto precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
      SCOPED_TRACE(concat(test.name, ", ", precision));
      ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
      epilogue = !epilogue;
      problem.bias = problem.relu = epilogue;
      problem.backward = true;
      problem.precision = precision;
      ConvolutionTrial trial(
          cuda_context(), problem, Values::integer,
          cuda::plan_convolution_by(cuda_context(), problem, {kCudnn, kCudnn, kCudnn}));
      EXPECT_EQ(trial.kernel().algorithms(), "forward cudnn, dx cudnn, dw cudnn");
      trial.expect_forward(kUnits);
      trial.expect_backward(cuda_context(), Values::integer, kUnits);
    }
  }
}

TEST_F(CudaCudnnConvolution, StaysWithinTheErrorBoundOfItsSumsInF32) {
  for (const ConvolutionCase& test : kConvolutionCases) {
    SCOPED_TRACE(test.name);
    ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
    problem.relu = true;
    problem.backward = true;
    ConvolutionTrial trial(
        cuda_context(), problem, Values::real,
        cuda::plan_convolution_by(cuda_context(), problem, {kCudnn, kCudnn, kCudnn}));
    trial.expect_forward(kUnits);
    trial.expect_backward(cuda_context(), Values::real, kUnits);
  }
}

TEST_F(CudaCudnnConvolution, WorksBesideOurOwnKernels) {
  const ConvolutionProblem problem{.x = {{2, 20, 9, 9}, DType::f32, Layout::nhwc},
                                   .out_channels = 40,
                                   .window = kSame3,
                                   .relu = true,
                                   .backward = true};
  const ConvolutionMethod own{ConvolutionEngine::simt};
  for (const ConvolutionMethods& methods :
       {ConvolutionMethods{kCudnn, own, own}, ConvolutionMethods{own, kCudnn, own},
        ConvolutionMethods{own, own, kCudnn}}) {
    ConvolutionTrial trial(cuda_context(), problem, Values::integer,
                           cuda::plan_convolution_by(cuda_context(), problem, methods));
    trial.expect_forward(kUnits);
    trial.expect_backward(cuda_context(), Values::integer, kUnits);
  }
}

TEST_F(CudaCudnnConvolution, LeavesTheSameBitsTwice) {
  const ConvolutionProblem problem{.x = {{4, 64, 28, 28}, DType::f32, Layout::nhwc},
                                   .out_channels = 64,
                                   .window = kSame3,
                                   .relu = true,
                                   .backward = true};
  const auto kernel = cuda::plan_convolution_by(cuda_context(), problem, {kCudnn, kCudnn, kCudnn});
  Twin& x = random(kernel->x_spec(), 1);
  Twin& w = random({{64, 64, 3, 3}}, 2);
  Twin& bias = random({{64}}, 3);
  Twin& dy = random(kernel->y_spec(), 4);
  Twin& dw = random({{64, 64, 3, 3}}, 5);
  Twin& db = random({{64}}, 6);
  Twin& y = blank(kernel->y_spec());
  Twin& dx = blank(kernel->x_spec());
  Twin& packed = blank({{std::int64_t(kernel->packed_bytes())}, DType::u8});
  Twin& scratch = random({{std::int64_t(kernel->scratch_bytes() / sizeof(float))}}, 7);
  run_on_cuda([&](Context& context, auto on) {
    const Tensor bytes{
        on(scratch).data, {{std::int64_t(kernel->scratch_bytes())}, DType::u8}, Device::cuda(0)};
    kernel->pack(context, on(w), on(packed), bytes);
    kernel->forward(context, {on(x), on(packed), on(bias), on(y), bytes});
    kernel->backward(context, {on(x), on(y), on(dy), on(packed), on(dx), on(dw), on(db), bytes});
    context.synchronize();
    set_bytes(context, on(scratch), 0);
  });
  EXPECT_NE(y.result, y.start);
  EXPECT_NE(dx.result, dx.start);
}

TEST_F(CudaCudnnConvolution, IsMeasuredAndMayBeForced) {
  ConvolutionProblem problem{.x = {{2, 3, 32, 32}, DType::f32, Layout::plain},
                             .out_channels = 16,
                             .window = kSame3,
                             .backward = true};
  cuda_context().set_provider(Provider::cudnn);
  const auto forced = plan_convolution(cuda_context(), problem);
  EXPECT_EQ(forced->algorithms(), "forward cudnn, dx cudnn, dw cudnn");
  EXPECT_EQ(forced->x_spec().layout, Layout::nhwc);
  cuda_context().set_provider(Provider::automatic);
  problem.x = {{2, 32, 32, 32}, DType::f32, Layout::nhwc};
  const std::string first = plan_convolution(cuda_context(), problem)->algorithms();
  EXPECT_EQ(plan_convolution(cuda_context(), problem)->algorithms(), first);
}

}  // namespace
}  // namespace lrcn::test
