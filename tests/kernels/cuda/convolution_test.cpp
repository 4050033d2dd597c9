// The kernels of a convolution on CUDA: every tile on every case, the choice between them, and the
// same bits in every order of threads.
#include "kernels/convolution.h"

#include "core/transfer.h"
#include "kernels/cuda/convolution_methods.h"
#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/cuda/cuda_agreement.h"

namespace lrcn::test {
namespace {

using cuda::ConvolutionEngine;
using cuda::ConvolutionMethods;
using cuda::ConvolutionTile;

// What tells the kernels apart: more than one tile each way, groups, strides, channels that fill no
// four, pictures in the plain layout. Few pixels, as emulated tiles cost the same when empty.
const ConvolutionCase kCases[] = {
    {"several tiles of pixels", {2, 20, 9, 9}, 40, kSame3},
    {"several tiles of channels", {1, 132, 3, 4}, 136, Window::square(1)},
    {"two groups, stride", {1, 16, 11, 9}, 24, Window::square(3, 2, 1), 2},
    {"one-sided padding, a rest of channels", {1, 8, 7, 5}, 6, {3, 3, 2, 2, 1, 0, 1, 0}},
    {"odd channels", {1, 7, 6, 5}, 5, kSame3},
    {"picture", {1, 3, 12, 11}, 16, {4, 5, 2, 3, 0, 1, 0, 1}},
};

// Taps and rows that are visited in steps of a tile's depth: fewer channels than a step has taps,
// as many, more, and a rest of them; windows of all sizes; images that end within a step, so that
// the splits of dw begin in the middle of one.
const ConvolutionCase kWalkCases[] = {
    {"8 channels, 11x11", {1, 8, 12, 7}, 8, Window::square(11, 1, 5)},
    {"two groups of 24 channels, 5x5, stride", {1, 48, 9, 7}, 48, Window::square(5, 2, 2), 2},
    {"as many channels as a step has taps", {1, 32, 5, 4}, 32, kSame3},
    {"40 channels, 1x1", {1, 40, 5, 6}, 40, Window::square(1)},
    {"40 channels, 5x5", {1, 40, 4, 3}, 48, Window::square(5, 1, 2)},
    {"96 channels, stride", {1, 96, 5, 5}, 96, Window::square(3, 2, 1)},
    {"many images", {29, 8, 3, 3}, 16, kSame3},
    {"images of one row", {3, 16, 1, 45}, 8, {1, 3, 1, 1, 0, 1, 0, 1}},
    {"images of one column", {3, 16, 45, 1}, 8, {3, 1, 1, 1, 1, 0, 1, 0}},
};

ConvolutionMethods methods_of(ConvolutionEngine engine, ConvolutionTile tile, std::int32_t splits) {
  const ConvolutionTile dw = tile == ConvolutionTile::narrow ? ConvolutionTile::flat : tile;
  return {.forward = {engine, tile}, .dx = {engine, tile}, .dw = {engine, dw, splits}};
}

class CudaConvolution
    : public CudaAgreement,
      public testing::WithParamInterface<std::tuple<ConvolutionEngine, ConvolutionTile>> {
 protected:
  ConvolutionMethods methods(std::int32_t splits = 1) const {
    return methods_of(std::get<0>(GetParam()), std::get<1>(GetParam()), splits);
  }
  Precision factors() const {
    switch (std::get<0>(GetParam())) {
      case ConvolutionEngine::tf32:
        return Precision::tf32;
      case ConvolutionEngine::bf16:
        return Precision::bf16;
      default:
        return Precision::f32;
    }
  }

  // Forward and backward with dw in three splits; run_on_cuda compares the bits.
  void expect_same_bits_in_every_order(const ConvolutionProblem& problem) {
    const TensorSpec w_spec{{problem.out_channels, problem.x.shape[1] / problem.groups,
                             problem.window.kernel_h, problem.window.kernel_w}};
    const TensorSpec bias_spec{{problem.out_channels}};
    const auto kernel = plan_convolution_by(cuda_context(), problem, methods(3));
    Twin& x = random(kernel->x_spec(), 1);
    Twin& w = random(w_spec, 2);
    Twin& bias = random(bias_spec, 3);
    Twin& dy = random(kernel->y_spec(), 4);
    Twin& dw = random(w_spec, 5);
    Twin& db = random(bias_spec, 6);
    Twin& y = blank(kernel->y_spec());
    Twin& dx = blank(kernel->x_spec());
    Twin& packed = blank({{std::int64_t(kernel->packed_bytes())}, DType::u8});
    Twin& scratch = blank({{std::int64_t(kernel->scratch_bytes())}, DType::u8});
    run_on_cuda([&](Context& context, auto on) {
      kernel->pack(context, on(w), on(packed), on(scratch));
      kernel->forward(context, {on(x), on(packed), on(bias), on(y), on(scratch)});
      kernel->backward(context,
                       {on(x), on(y), on(dy), on(packed), on(dx), on(dw), on(db), on(scratch)});
    });
    EXPECT_NE(y.result, y.start);
    EXPECT_NE(dx.result, dx.start);
  }
};

// Integers of -4 .. 4 are exact in every precision, and so are their sums.
TEST_P(CudaConvolution, IsExactOnIntegers) {
  bool relu = false;
  for (const ConvolutionCase& test : kCases) {
    SCOPED_TRACE(test.name);
    ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
    problem.bias = relu = !relu;
    problem.relu = relu;
    problem.backward = true;
    ConvolutionTrial trial(cuda_context(), problem, Values::integer,
                           plan_convolution_by(cuda_context(), problem, methods(3)));
    trial.expect_forward(0.0);
    trial.expect_backward(cuda_context(), Values::integer, 0.0);
  }
}

TEST_P(CudaConvolution, FindsTapsAndRowsStepByStep) {
  for (const ConvolutionCase& test : kWalkCases) {
    SCOPED_TRACE(test.name);
    ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
    problem.backward = true;
    ConvolutionTrial trial(cuda_context(), problem, Values::integer,
                           plan_convolution_by(cuda_context(), problem, methods(3)));
    trial.expect_forward(0.0);
    trial.expect_backward(cuda_context(), Values::integer, 0.0);
  }
}

// Against the reference with the same rounded factors, so that the bound is that of f32 sums.
TEST_P(CudaConvolution, StaysWithinTheErrorBoundOfItsSums) {
  for (const ConvolutionCase& test : kCases) {
    SCOPED_TRACE(test.name);
    ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
    problem.relu = true;
    problem.backward = true;
    ConvolutionTrial trial(cuda_context(), problem, Values::real,
                           plan_convolution_by(cuda_context(), problem, methods(2)), factors());
    trial.expect_forward(1.0);
    trial.expect_backward(cuda_context(), Values::real, 1.0);
  }
}

TEST_P(CudaConvolution, LeavesTheSameBitsInEveryOrderOfThreads) {
  const ConvolutionProblem problem{.x = {{1, 20, 9, 7}, DType::f32, Layout::nhwc},
                                   .out_channels = 36,
                                   .window = Window::square(3, 2, 1),
                                   .relu = true,
                                   .backward = true};
  expect_same_bits_in_every_order(problem);
}

// In bf16 memory: channels that fill no eight, eight and more, groups, and first layers that read
// f32.
const ConvolutionCase kBf16Cases[] = {
    {"several tiles of pixels", {2, 24, 9, 9}, 40, kSame3},
    {"several tiles of channels", {1, 136, 3, 4}, 136, Window::square(1)},
    {"two groups, stride", {1, 32, 11, 9}, 48, Window::square(3, 2, 1), 2},
    {"two groups of 5x5", {1, 16, 7, 9}, 32, Window::square(5, 1, 2), 2},
    {"one-sided padding, a rest of channels", {1, 8, 7, 5}, 6, {3, 3, 2, 2, 1, 0, 1, 0}},
    {"odd channels", {1, 7, 6, 5}, 5, kSame3},
};
const ConvolutionCase kFirstLayerCases[] = {
    {"picture", {1, 3, 12, 11}, 16, {4, 5, 2, 3, 0, 1, 0, 1}},
    {"AlexNet's first", {1, 3, 27, 31}, 24, Window::square(11, 4)},
    {"picture, odd outputs", {2, 1, 6, 5}, 5, kSame3},
    {"eight channels", {1, 8, 6, 5}, 16, kSame3},
};

class CudaConvolutionInBf16 : public CudaConvolution {
 protected:
  // Every case, with x in bf16 or, for a first layer, in f32.
  template <class Visit>
  static void each_case(const Visit& visit) {
    const auto of_type = [&](const auto& cases, DType x) {
      for (const ConvolutionCase& test : cases) {
        SCOPED_TRACE(concat(test.name, ", x ", x));
        ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
        problem.x.dtype = x;
        problem.y_dtype = DType::bf16;
        problem.precision = Precision::bf16;
        problem.backward = true;
        visit(problem);
      }
    };
    of_type(kBf16Cases, DType::bf16);
    of_type(kFirstLayerCases, DType::f32);
  }
};

TEST_P(CudaConvolutionInBf16, IsExactOnIntegersUpToItsLastRounding) {
  bool relu = false;
  each_case([&](ConvolutionProblem problem) {
    problem.bias = relu = !relu;
    problem.relu = relu;
    ConvolutionTrial trial(cuda_context(), problem, Values::integer,
                           plan_convolution_by(cuda_context(), problem, methods(3)));
    trial.expect_forward(0.0);
    trial.expect_backward(cuda_context(), Values::integer, 0.0);
  });
}

TEST_P(CudaConvolutionInBf16, FindsTapsAndRowsStepByStep) {
  for (const DType x : {DType::bf16, DType::f32}) {
    for (const ConvolutionCase& test : kWalkCases) {
      SCOPED_TRACE(concat(test.name, ", x ", x));
      ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
      problem.x.dtype = x;
      problem.y_dtype = DType::bf16;
      problem.precision = Precision::bf16;
      problem.backward = true;
      ConvolutionTrial trial(cuda_context(), problem, Values::integer,
                             plan_convolution_by(cuda_context(), problem, methods(3)));
      trial.expect_forward(0.0);
      trial.expect_backward(cuda_context(), Values::integer, 0.0);
    }
  }
}

TEST_P(CudaConvolutionInBf16, StaysWithinTheErrorBoundOfItsSums) {
  each_case([&](ConvolutionProblem problem) {
    problem.relu = true;
    ConvolutionTrial trial(cuda_context(), problem, Values::real,
                           plan_convolution_by(cuda_context(), problem, methods(2)), factors());
    trial.expect_forward(1.0);
    trial.expect_backward(cuda_context(), Values::real, 1.0);
  });
}

TEST_P(CudaConvolutionInBf16, LeavesTheSameBitsInEveryOrderOfThreads) {
  for (const DType of_x : {DType::bf16, DType::f32}) {
    const ConvolutionProblem problem{.x = {{1, 24, 9, 7}, of_x, Layout::nhwc},
                                     .out_channels = 40,
                                     .window = Window::square(3, 2, 1),
                                     .relu = true,
                                     .backward = true,
                                     .precision = Precision::bf16,
                                     .y_dtype = DType::bf16};
    expect_same_bits_in_every_order(problem);
  }
}

std::string name_of_tile(
    const testing::TestParamInfo<std::tuple<ConvolutionEngine, ConvolutionTile>>& info) {
  constexpr const char* kEngines[] = {"direct", "simt", "tf32", "bf16"};
  constexpr const char* kTiles[] = {"wide", "narrow", "flat", "small"};
  return concat(kEngines[int(std::get<0>(info.param))], '_', kTiles[int(std::get<1>(info.param))]);
}

INSTANTIATE_TEST_SUITE_P(
    Tiles, CudaConvolution,
    testing::Combine(
        testing::Values(ConvolutionEngine::simt, ConvolutionEngine::tf32, ConvolutionEngine::bf16),
        testing::Values(ConvolutionTile::wide, ConvolutionTile::narrow, ConvolutionTile::small)),
    name_of_tile);

INSTANTIATE_TEST_SUITE_P(Tiles, CudaConvolutionInBf16,
                         testing::Combine(testing::Values(ConvolutionEngine::bf16),
                                          testing::Values(ConvolutionTile::wide,
                                                          ConvolutionTile::narrow,
                                                          ConvolutionTile::small)),
                         name_of_tile);
INSTANTIATE_TEST_SUITE_P(Definition, CudaConvolutionInBf16,
                         testing::Combine(testing::Values(ConvolutionEngine::direct),
                                          testing::Values(ConvolutionTile::small)),
                         name_of_tile);

}  // namespace
}  // namespace lrcn::test
