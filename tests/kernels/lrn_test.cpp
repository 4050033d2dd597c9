// Local response normalisation against the double-precision reference, ONNX and Caffe.
#include "kernels/lrn.h"

#include <gtest/gtest.h>

#include "tests/kernels/each_device.h"
#include "tests/reference/guarded_tensor.h"
#include "tests/reference/lrn.h"
#include "tests/reference/npy.h"
#include "tests/reference/onnx_tensor.h"
#include "tests/reference/values.h"

namespace lrcn::test {
namespace {

constexpr Layout kLayouts[] = {Layout::plain, Layout::nhwc, Layout::blocked8, Layout::blocked16};

struct Parameters {
  std::int64_t size;
  float alpha, beta, k;
};

const Parameters kParameters[] = {
    {5, 1e-4f, 0.75f, 1.0f},  // AlexNet, Caffe
    {5, 1.0f, 0.75f, 2.0f},  {3, 0.5f, 0.5f, 1.0f},   {1, 2.0f, 1.0f, 0.5f},  {7, 3.0f, 0.3f, 1.5f},
    {9, 1.0f, 1.75f, 1.0f},  {33, 1.0f, 0.75f, 1.0f}, {5, 0.0f, 0.75f, 1.0f}, {3, 1.0f, 0.0f, 1.0f},
};

const Shape kShapes[] = {
    {1, 1, 1, 1},  {2, 3, 5, 7},  {1, 31, 4, 8},  {2, 32, 1, 33},
    {1, 33, 6, 6}, {1, 96, 9, 9}, {1, 5, 13, 13}, {3, 4, 1, 31},
};

template <class Visit>
void for_each_problem(Visit&& visit) {
  for (const Shape& shape : kShapes) {
    for (const Parameters& parameters : kParameters) {
      for (const Layout layout : kLayouts) {
        SCOPED_TRACE(concat(shape, ' ', layout, ", size ", parameters.size, ", alpha ",
                            parameters.alpha, ", beta ", parameters.beta));
        visit(LrnProblem{{shape, DType::f32, layout},
                         parameters.size,
                         parameters.alpha,
                         parameters.beta,
                         parameters.k,
                         true});
      }
    }
  }
}

using Lrn = OnEachDevice;

INSTANTIATE_TEST_SUITE_P(Devices, Lrn, testing::ValuesIn(test_devices()), name_of);

struct Result {
  std::vector<double> y;
  std::vector<double> dx;
};

// A training step; y and dx are NaN before.
Result run(Context& context, const LrnProblem& problem, const std::vector<double>& x_values,
           const std::vector<double>& dy_values) {
  const Device device = context.device();
  const auto kernel = plan_lrn(context, problem);
  GuardedTensor x(kernel->x_spec(), device);
  GuardedTensor y(kernel->x_spec(), device);
  GuardedTensor dy(kernel->x_spec(), device);
  GuardedTensor dx(kernel->x_spec(), device);
  GuardedTensor saved(kernel->saved_bytes(), device);
  GuardedTensor scratch(kernel->scratch_bytes(), device);
  store(x_values, x);
  kernel->forward(context, {x, y, saved, scratch});
  EXPECT_TRUE(padding_is_zero(y));
  if (problem.backward) {
    store(dy_values, dy);
    kernel->backward(context, {x, dy, saved, dx, scratch});
    EXPECT_TRUE(padding_is_zero(dx));
  }
  EXPECT_TRUE(x.intact() && y.intact() && dy.intact() && dx.intact());
  EXPECT_TRUE(saved.intact() && scratch.intact());
  return {values_of(y), values_of(dx)};
}

TEST_P(Lrn, StaysWithinTheErrorBound) {
  for_each_problem([&](const LrnProblem& problem) {
    const LrnReference reference(problem);
    const auto x = make_values(Values::integer, problem.x.elements(), 1);
    const auto dy = make_values(Values::integer, problem.x.elements(), 2);
    const Result result = run(context(), problem, x, dy);
    const auto y_expected = reference.forward(x);
    const auto dx_expected = reference.backward(x, dy);
    // The sum of squares is relatively exact to its number of terms, the power to beta times that.
    const double relative = kEpsilon * (double(problem.size) + 8.0) * (1.0 + double(problem.beta));
    expect_close("y", result.y, y_expected, relative * largest(y_expected));
    // dx is a difference: its error is that of the larger part, at most |dy| k^-beta in each of
    // the two, the second one times alpha.
    const double part = largest(dy) * std::pow(double(problem.k), -double(problem.beta));
    expect_close("dx", result.dx, dx_expected,
                 relative * part * (1.0 + 2.0 * double(problem.alpha * problem.beta) * 16.0));
  });
}

TEST_P(Lrn, SurvivesSumsThatOverflow) {
  for (const float beta : {0.5f, 0.75f, 0.8f}) {
    const LrnProblem problem{.x = {{1, 3, 1, 1}}, .size = 3, .alpha = 1.0f, .beta = beta};
    const auto y = run(context(), problem, {1e30, 1.0, 0.0}, {}).y;
    EXPECT_LT(std::abs(y[1]), 1e-15) << beta;
    EXPECT_EQ(y[2], 0.0) << beta;
  }
}

TEST_P(Lrn, KeepsNans) {
  for (const float beta : {0.5f, 0.75f, 0.8f}) {
    const LrnProblem problem{.x = {{1, 5, 1, 1}}, .size = 3, .alpha = 1.0f, .beta = beta};
    const auto y =
        run(context(), problem, {std::numeric_limits<double>::quiet_NaN(), 1, 1, 1, 1}, {}).y;
    EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1])) << beta;
    EXPECT_FALSE(std::isnan(y[2])) << beta;
  }
}

TEST_P(Lrn, RefusesWhatItCannotPlan) {
  const TensorSpec x{{1, 8, 4, 4}};
  EXPECT_THROW(plan_lrn(context(), {.x = {{8, 4, 4}}}), ArgumentError);
  EXPECT_THROW(plan_lrn(context(), {.x = {{0, 8, 4, 4}}}), ArgumentError);
  EXPECT_THROW(plan_lrn(context(), {.x = {{1, 8, 4, 4}, DType::u8}}), ArgumentError);
  EXPECT_THROW(plan_lrn(context(), {.x = x, .size = 4}), ArgumentError);
  EXPECT_THROW(plan_lrn(context(), {.x = x, .size = 0}), ArgumentError);
  EXPECT_THROW(plan_lrn(context(), {.x = x, .k = 0.0f}), ArgumentError);
  EXPECT_THROW(plan_lrn(context(), {.x = x, .alpha = -1.0f}), ArgumentError);
}

TEST_P(Lrn, RefusesTensorsOfAnotherShape) {
  const auto kernel = plan_lrn(context(), {.x = {{1, 8, 4, 4}}});
  GuardedTensor x(kernel->x_spec(), device());
  GuardedTensor other(TensorSpec{{1, 8, 4, 5}}, device());
  GuardedTensor scratch(kernel->scratch_bytes(), device());
  EXPECT_THROW(kernel->forward(context(), {other, x, {}, scratch}), ArgumentError);
  EXPECT_THROW(kernel->forward(context(), {x, other, {}, scratch}), ArgumentError);
  if (kernel->scratch_bytes() > 0) {
    EXPECT_THROW(kernel->forward(context(), {x, x, {}, {}}), ArgumentError);
  }
  EXPECT_THROW(kernel->backward(context(), {x, x, {}, x, scratch}), ArgumentError);
}

TEST_P(Lrn, AgreesWithOnnx) {
  LRCN_SKIP_WITHOUT(test_data("onnx_node"));
  const auto cases = onnx_cases("LRN");
  ASSERT_EQ(cases.size(), 1u);
  for (const OnnxCase& test : cases) {
    for (const Layout layout : kLayouts) {
      const LrnProblem problem{.x = {Shape(test.inputs.at(0).shape), DType::f32, layout},
                               .size = std::int64_t(test.get("size", 0.0)),
                               .alpha = float(test.get("alpha", 1e-4)),
                               .beta = float(test.get("beta", 0.75)),
                               .k = float(test.get("bias", 1.0))};
      const auto y = run(context(), problem, test.inputs[0].values, {}).y;
      EXPECT_TRUE(meets_onnx_tolerance(y, test.output.values)) << test.name << ' ' << layout;
    }
  }
}

TEST_P(Lrn, AgreesWithCaffe) {
  const auto folder = test_data("caffe_layers");
  LRCN_SKIP_WITHOUT(folder);
  const ArrayFile x = read_npy(folder / "blob.npy");
  const ArrayFile y = read_npy(folder / "layer_lrn_channels.npy");
  for (const Layout layout : kLayouts) {
    const LrnProblem problem{.x = {Shape(x.shape), DType::f32, layout}, .alpha = 1.1f};
    EXPECT_TRUE(meets_caffe_tolerance(run(context(), problem, x.values, {}).y, y.values)) << layout;
  }
}

}  // namespace
}  // namespace lrcn::test
