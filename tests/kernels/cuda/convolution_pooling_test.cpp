// Convolutions that pool what they compute: by each engine and tile, the results of the definition,
// of kernels apart, and the same bits in every order of threads.
#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/cuda/cuda_agreement.h"
#include "tests/kernels/cuda/pooled_convolution.h"

namespace lrcn::test {
namespace {

using cuda::ConvolutionEngine;
using cuda::ConvolutionMethods;
using cuda::ConvolutionTile;

// Odd and even extents of y, more windows than a tile and fewer than a fragment, groups, strides,
// several images, channels that fill no four and no eight, pictures.
const ConvolutionCase kCases[] = {
    {"y of 9x9, several tiles of windows", {3, 24, 9, 9}, 40, kSame3},
    {"several tiles of channels", {1, 16, 4, 4}, 136, Window::square(1)},
    {"two groups, stride, y of 6x5", {1, 32, 11, 9}, 48, Window::square(3, 2, 1), 2},
    {"groups of a few channels", {2, 8, 4, 7}, 12, kSame3, 2},
    {"one-sided padding, y of 4x2", {1, 8, 7, 5}, 6, {3, 3, 2, 2, 1, 0, 1, 0}},
    {"odd channels", {3, 7, 6, 5}, 5, kSame3},
    {"one window", {1, 8, 3, 2}, 8, kSame3},
    {"picture, y of 5x3", {2, 3, 12, 11}, 16, {4, 5, 2, 3, 0, 1, 0, 1}},
    {"picture, odd outputs", {1, 1, 6, 5}, 5, kSame3},
};

// Engine, tile, type of y and of x but for pictures.
using Parameter = std::tuple<ConvolutionEngine, ConvolutionTile, DType>;

class CudaPooledConvolution : public CudaAgreement, public testing::WithParamInterface<Parameter> {
 protected:
  ConvolutionMethods methods() const {
    const auto [engine, tile, dtype] = GetParam();
    const ConvolutionTile dw = tile == ConvolutionTile::narrow ? ConvolutionTile::flat : tile;
    return {.forward = {engine, tile}, .dx = {engine, tile}, .dw = {engine, dw, 2}};
  }

  ConvolutionProblem problem_of_case(const ConvolutionCase& test) const {
    const auto [engine, tile, dtype] = GetParam();
    ConvolutionProblem problem = problem_of(test, ConvolutionAlgorithm::automatic);
    problem.pool = problem.backward = true;
    problem.x.dtype = test.x[1] > 3 ? dtype : DType::f32;
    problem.y_dtype = dtype;
    problem.precision = engine == ConvolutionEngine::tf32   ? Precision::tf32
                        : engine == ConvolutionEngine::bf16 ? Precision::bf16
                                                            : Precision::f32;
    if (dtype == DType::bf16) {
      problem.precision = Precision::bf16;
    }
    return problem;
  }

  template <class Visit>
  void each_problem(const Visit& visit) const {
    for (const ConvolutionCase& test : kCases) {
      for (const bool relu : {false, true}) {
        SCOPED_TRACE(concat(test.name, relu ? ", ReLU" : ""));
        ConvolutionProblem problem = problem_of_case(test);
        problem.relu = relu;
        problem.bias = relu || test.x[0] > 1;
        visit(problem);
      }
    }
  }
};

// Integers of -4 .. 4 make many equal maxima.
TEST_P(CudaPooledConvolution, IsExactOnIntegers) {
  each_problem([&](const ConvolutionProblem& problem) {
    const StepValues values(problem, Values::integer);
    const StepResults expected = run_by_definition(problem, values);
    const StepResults actual = run_in_one(cuda_context(), problem, values, methods());
    const auto rounded = [](std::vector<double> exact, DType dtype) {
      for (double& value : exact) {
        value = dtype == DType::bf16 ? to_float(to_bfloat16(float(value))) : value;
      }
      return exact;
    };
    expect_equal("y", actual.y, expected.y);
    expect_equal("saved", actual.saved, expected.saved);
    expect_equal("dx", actual.dx, rounded(expected.dx, problem.x.dtype));
    expect_equal("dw", actual.dw, expected.dw);
    if (problem.bias) {
      expect_equal("db", actual.db, expected.db);
    }
  });
}

// Also of numbers that are none.
TEST_P(CudaPooledConvolution, GivesWhatKernelsApartGive) {
  each_problem([&](const ConvolutionProblem& problem) {
    for (const bool finite : {true, false}) {
      StepValues values(problem, Values::real);
      if (!finite) {
        values.x[values.x.size() / 3] = std::numeric_limits<double>::quiet_NaN();
        values.x.back() = std::numeric_limits<double>::infinity();
        values.bias[0] = -std::numeric_limits<double>::infinity();
      }
      const StepResults expected = run_apart(cuda_context(), problem, values, methods());
      const StepResults actual = run_in_one(cuda_context(), problem, values, methods());
      expect_equal("y", actual.y, expected.y);
      expect_equal("saved", actual.saved, expected.saved);
      expect_equal("dx", actual.dx, expected.dx);
      expect_equal("dw", actual.dw, expected.dw);
      if (problem.bias) {  // sums of another order, in double
        test::expect_close("db", actual.db, expected.db, 1e-6);
      }
    }
  });
}

TEST_P(CudaPooledConvolution, ClosedWindowsTakeNoGradientWhateverItIs) {
  ConvolutionProblem problem = problem_of_case(kCases[0]);
  problem.relu = true;
  StepValues values(problem, Values::integer);
  const StepResults expected = run_by_definition(problem, values);
  int closed = 0;
  for (std::size_t i = 0; i < values.dy.size(); ++i) {
    if (expected.saved[i] == kEndOfGradient) {
      values.dy[i] = std::numeric_limits<double>::quiet_NaN();
      ++closed;
    }
  }
  EXPECT_GT(closed, 0);
  const StepResults actual = run_in_one(cuda_context(), problem, values, methods());
  expect_equal("dw", actual.dw, expected.dw);
  expect_equal("db", actual.db, expected.db);
}

TEST_P(CudaPooledConvolution, LeavesTheSameBitsInEveryOrderOfThreads) {
  ConvolutionProblem problem = problem_of_case({"", {1, 24, 9, 7}, 40, kSame3});
  problem.relu = true;
  const auto kernel = plan_convolution_by(cuda_context(), problem, methods());
  const TensorSpec w_spec{{40, 24, 3, 3}};
  Twin& x = random(kernel->x_spec(), 1);
  Twin& w = random(w_spec, 2);
  Twin& bias = random({{40}}, 3);
  Twin& dy = random(kernel->y_spec(), 4);
  Twin& dw = random(w_spec, 5);
  Twin& db = random({{40}}, 6);
  Twin& y = blank(kernel->y_spec());
  Twin& dx = blank(kernel->x_spec());
  Twin& packed = blank({{std::int64_t(kernel->packed_bytes())}, DType::u8});
  Twin& scratch = blank({{std::int64_t(kernel->scratch_bytes())}, DType::u8});
  Twin& saved = blank({{std::int64_t(kernel->saved_bytes())}, DType::u8});
  run_on_cuda([&](Context& context, auto on) {
    kernel->pack(context, on(w), on(packed), on(scratch));
    kernel->forward(context, {on(x), on(packed), on(bias), on(y), on(scratch), on(saved)});
    kernel->backward(
        context, {on(x), {}, on(dy), on(packed), on(dx), on(dw), on(db), on(scratch), on(saved)});
  });
  for (const std::uint8_t pixel : on_cuda<std::uint8_t>(saved)) {
    EXPECT_LE(pixel, 4);
  }
  EXPECT_NE(y.result, y.start);
  EXPECT_NE(dx.result, dx.start);
}

TEST_P(CudaPooledConvolution, SavesNothingWhereNoGradientFollows) {
  ConvolutionProblem problem = problem_of_case(kCases[0]);
  const StepValues values(problem, Values::integer);
  const StepResults expected = run_by_definition(problem, values);
  problem.backward = false;
  PooledStep step(cuda_context(), problem, values,
                  plan_convolution_by(cuda_context(), problem, methods()));
  EXPECT_EQ(step.saved().bytes(), 0u);
  step.forward();
  expect_equal("y", values_of(step.y()), expected.y);
}

std::string name_of_parameter(const testing::TestParamInfo<Parameter>& info) {
  constexpr const char* kEngines[] = {"direct", "simt", "tf32", "bf16"};
  constexpr const char* kTiles[] = {"wide", "narrow", "flat", "small"};
  const auto [engine, tile, dtype] = info.param;
  return concat(kEngines[int(engine)], '_', kTiles[int(tile)], "_in_", dtype);
}

const auto kTiles =
    testing::Values(ConvolutionTile::wide, ConvolutionTile::narrow, ConvolutionTile::small);

INSTANTIATE_TEST_SUITE_P(TensorCores, CudaPooledConvolution,
                         testing::Combine(testing::Values(ConvolutionEngine::tf32,
                                                          ConvolutionEngine::bf16),
                                          kTiles, testing::Values(DType::f32)),
                         name_of_parameter);
INSTANTIATE_TEST_SUITE_P(TensorCoresBf16, CudaPooledConvolution,
                         testing::Combine(testing::Values(ConvolutionEngine::bf16), kTiles,
                                          testing::Values(DType::bf16)),
                         name_of_parameter);
INSTANTIATE_TEST_SUITE_P(
    Behind, CudaPooledConvolution,
    testing::Values(Parameter{ConvolutionEngine::simt, ConvolutionTile::small, DType::f32},
                    Parameter{ConvolutionEngine::direct, ConvolutionTile::small, DType::f32},
                    Parameter{ConvolutionEngine::direct, ConvolutionTile::small, DType::bf16}),
    name_of_parameter);

}  // namespace
}  // namespace lrcn::test
