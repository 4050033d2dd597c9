// Pooling against the double-precision reference, ONNX and Caffe.
#include "kernels/pooling.h"

#include <gtest/gtest.h>

#include "tests/kernels/each_device.h"
#include "tests/reference/guarded_tensor.h"
#include "tests/reference/npy.h"
#include "tests/reference/onnx_tensor.h"
#include "tests/reference/pooling.h"
#include "tests/reference/values.h"

namespace lrcn::test {
namespace {

struct Case {
  const char* name;
  Shape x;
  Window window;
  Rounding rounding = Rounding::down;
};

const Case kCases[] = {
    {"one pixel", {1, 1, 1, 1}, Window::square(1)},
    {"VGG", {2, 32, 8, 8}, Window::square(2, 2)},
    {"VGG, odd", {2, 31, 9, 7}, Window::square(2, 2)},
    {"AlexNet", {2, 33, 13, 13}, Window::square(3, 2), Rounding::up},
    {"rounded up with a rest", {1, 17, 12, 11}, Window::square(3, 2), Rounding::up},
    {"padded", {2, 5, 7, 9}, Window::square(3, 1, 1)},
    {"padded and rounded up", {1, 16, 6, 8}, Window::square(3, 2, 1), Rounding::up},
    {"last window in the padding", {1, 3, 2, 2}, Window::square(3, 3, 1), Rounding::up},
    {"beyond the padding", {1, 2, 6, 6}, Window::square(4, 3, 1), Rounding::up},
    {"no overlap, gaps", {1, 24, 10, 11}, Window::square(2, 3)},
    {"one-sided padding", {1, 9, 5, 6}, {3, 2, 2, 1, 0, 1, 2, 0}},
    {"global", {2, 40, 7, 5}, {7, 5, 1, 1}},
    {"more than 256 taps", {1, 16, 20, 20}, Window::square(17, 2, 3)},
    {"many channels", {1, 64, 3, 3}, Window::square(2)},
};

constexpr Layout kLayouts[] = {Layout::plain, Layout::nhwc, Layout::blocked8, Layout::blocked16};

template <class Visit>
void for_each_problem(PoolingKind kind, Visit&& visit) {
  for (const Case& test : kCases) {
    for (const Layout layout : kLayouts) {
      for (const PoolingDivisor divisor :
           {PoolingDivisor::inside, PoolingDivisor::padded, PoolingDivisor::window}) {
        if (kind == PoolingKind::maximum && divisor != PoolingDivisor::inside) {
          continue;
        }
        SCOPED_TRACE(concat(test.name, ", ", layout, ", divisor ", int(divisor)));
        visit(PoolingProblem{
            {test.x, DType::f32, layout}, kind, test.window, test.rounding, divisor, true});
      }
    }
  }
}

using Pooling = OnEachDevice;

INSTANTIATE_TEST_SUITE_P(Devices, Pooling, testing::ValuesIn(test_devices()), name_of);

struct Result {
  std::vector<double> y;
  std::vector<double> dx;
};

// A training step; y and dx are NaN before.
Result run(Context& context, const PoolingProblem& problem, const std::vector<double>& x_values,
           const std::vector<double>& dy_values) {
  const Device device = context.device();
  const auto kernel = plan_pooling(context, problem);
  GuardedTensor x(kernel->x_spec(), device);
  GuardedTensor y(kernel->y_spec(), device);
  GuardedTensor dy(kernel->y_spec(), device);
  GuardedTensor dx(kernel->x_spec(), device);
  GuardedTensor saved(kernel->saved_bytes(), device);
  GuardedTensor scratch(kernel->scratch_bytes(), device);
  store(x_values, x);
  kernel->forward(context, {x, y, saved, scratch});
  EXPECT_TRUE(padding_is_zero(y));
  if (problem.backward) {
    store(dy_values, dy);
    kernel->backward(context, {dy, saved, dx, scratch});
    EXPECT_TRUE(padding_is_zero(dx));
  }
  EXPECT_TRUE(x.intact() && y.intact() && dy.intact() && dx.intact() && saved.intact());
  return {values_of(y), values_of(dx)};
}

TEST_P(Pooling, MaximaAreExact) {
  for_each_problem(PoolingKind::maximum, [&](const PoolingProblem& problem) {
    const PoolingReference reference(problem);
    const auto x = make_values(Values::real, problem.x.elements(), 1);
    const auto dy = make_values(Values::integer, reference.y_shape().elements(), 2);
    const Result result = run(context(), problem, x, dy);
    expect_close("y", result.y, reference.forward(x), 0.0);
    expect_close("dx", result.dx, reference.backward(x, dy), 0.0);
  });
}

TEST_P(Pooling, TheFirstOfEqualMaximaGetsTheGradient) {
  for_each_problem(PoolingKind::maximum, [&](const PoolingProblem& problem) {
    const PoolingReference reference(problem);
    const auto x = make_values(Values::integer, problem.x.elements(), 1);  // many are equal
    const auto dy = make_values(Values::integer, reference.y_shape().elements(), 2);
    expect_close("dx", run(context(), problem, x, dy).dx, reference.backward(x, dy), 0.0);
  });
}

TEST_P(Pooling, MaximaOfNegativeValuesIgnoreThePadding) {
  const PoolingProblem problem{.x = {{1, 3, 4, 4}}, .window = Window::square(3, 1, 1)};
  const std::vector<double> x(3 * 4 * 4, -5.0);
  expect_close("y", run(context(), problem, x, {}).y, x, 0.0);
}

TEST_P(Pooling, MaximaKeepNans) {
  for (const Layout layout : kLayouts) {
    const PoolingProblem problem{.x = {{1, 16, 2, 2}, DType::f32, layout},
                                 .window = Window::square(2)};
    for (std::size_t position = 0; position < 4; ++position) {
      std::vector<double> x(16 * 4, 1.0);
      x[5 * 4 + position] = std::numeric_limits<double>::quiet_NaN();
      const auto y = run(context(), problem, x, {}).y;
      EXPECT_TRUE(std::isnan(y[5])) << layout << ' ' << position;
      EXPECT_EQ(y[4], 1.0);
    }
  }
}

TEST_P(Pooling, AveragesStayWithinTheErrorBoundOfTheirSums) {
  for_each_problem(PoolingKind::average, [&](const PoolingProblem& problem) {
    const PoolingReference reference(problem);
    const auto x = make_values(Values::real, problem.x.elements(), 1);
    const auto dy = make_values(Values::real, reference.y_shape().elements(), 2);
    const Result result = run(context(), problem, x, dy);
    // A pixel lies in at most as many windows as a window has pixels.
    const double taps = double(problem.window.kernel_h * problem.window.kernel_w);
    expect_close("y", result.y, reference.forward(x), kEpsilon * (taps + 1.0));
    expect_close("dx", result.dx, reference.backward(x, dy), kEpsilon * (taps + 1.0));
  });
}

TEST_P(Pooling, SavesNothingWithoutBackward) {
  const PoolingProblem problem{.x = {{1, 16, 4, 4}}, .window = Window::square(2, 2)};
  const auto kernel = plan_pooling(context(), problem);
  EXPECT_EQ(kernel->saved_bytes(), 0u);
  GuardedTensor dy(kernel->y_spec(), device());
  GuardedTensor dx(kernel->x_spec(), device());
  EXPECT_THROW(kernel->backward(context(), {dy, {}, dx, {}}), ArgumentError);
}

TEST_P(Pooling, RefusesWhatItCannotPlan) {
  const auto refused = [&](const char* what, const TensorSpec& x, const Window& window) {
    EXPECT_THROW(plan_pooling(context(), {.x = x, .window = window}), ArgumentError) << what;
  };
  refused("no images", {{0, 3, 8, 8}}, Window::square(2));
  refused("rank 3", {{3, 8, 8}}, Window::square(2));
  refused("bytes", {{1, 3, 8, 8}, DType::u8}, Window::square(2));
  refused("image smaller than the window", {{1, 3, 2, 8}}, Window::square(3));
  refused("padding as wide as the window", {{1, 3, 8, 8}}, Window::square(2, 2, 2));
  refused("no stride", {{1, 3, 8, 8}}, Window::square(2, 0));
}

TEST_P(Pooling, RefusesTensorsOfAnotherShape) {
  const auto kernel = plan_pooling(
      context(), {.x = {{1, 16, 4, 4}}, .window = Window::square(2, 2), .backward = true});
  GuardedTensor x(kernel->x_spec(), device());
  GuardedTensor y(kernel->y_spec(), device());
  GuardedTensor saved(kernel->saved_bytes(), device());
  EXPECT_THROW(kernel->forward(context(), {y, y, saved, {}}), ArgumentError);
  EXPECT_THROW(kernel->forward(context(), {x, x, saved, {}}), ArgumentError);
  EXPECT_THROW(kernel->forward(context(), {x, y, {}, {}}), ArgumentError);
  EXPECT_THROW(kernel->backward(context(), {x, saved, x, {}}), ArgumentError);
}

// One-dimensional cases run as images of height 1. SAME pads so that P = ceil(H / stride).
PoolingProblem problem_of(const OnnxCase& test) {
  std::vector<std::int64_t> shape = test.inputs.at(0).shape;
  auto kernel = test.get("kernel_shape", std::vector<double>(shape.end() - 2, shape.end()));
  auto stride = test.get("strides", std::vector<double>(kernel.size(), 1.0));
  auto pad = test.get("pads", std::vector<double>(2 * kernel.size(), 0.0));
  if (kernel.size() == 1) {
    shape.insert(shape.begin() + 2, 1);
    kernel.insert(kernel.begin(), 1.0);
    stride.insert(stride.begin(), 1.0);
    pad = {0.0, pad[0], 0.0, pad[1]};
  }
  const auto mode = test.words.find("auto_pad");
  for (std::size_t axis = 0; mode != test.words.end() && axis < 2; ++axis) {
    const double extent = double(shape[axis + 2]);
    const double all =
        (std::ceil(extent / stride[axis]) - 1.0) * stride[axis] + kernel[axis] - extent;
    const double smaller = std::floor(all / 2.0);
    pad[axis] = mode->second == "SAME_UPPER" ? smaller : all - smaller;
    pad[axis + 2] = all - pad[axis];
  }
  const auto extent = [](double value) { return std::int64_t(value); };
  const bool up = test.get("ceil_mode", 0.0) != 0.0;
  const bool padded = test.get("count_include_pad", 0.0) != 0.0;
  return {.x = {Shape(shape)},
          .window = {extent(kernel[0]), extent(kernel[1]), extent(stride[0]), extent(stride[1]),
                     extent(pad[0]), extent(pad[1]), extent(pad[2]), extent(pad[3])},
          .rounding = up ? Rounding::up : Rounding::down,
          .divisor = padded ? PoolingDivisor::padded : PoolingDivisor::inside};
}

TEST_P(Pooling, AgreesWithOnnx) {
  LRCN_SKIP_WITHOUT(test_data("onnx_node"));
  int count = 0;
  for (const char* op : {"MaxPool", "AveragePool", "GlobalAveragePool"}) {
    for (const OnnxCase& test : onnx_cases(op)) {
      SCOPED_TRACE(test.name);
      if (test.get("dilations", 1.0) != 1.0) {
        continue;  // not offered
      }
      PoolingProblem problem = problem_of(test);
      problem.kind = op[0] == 'M' ? PoolingKind::maximum : PoolingKind::average;
      for (const Layout layout : kLayouts) {
        problem.x.layout = layout;
        const auto y = run(context(), problem, test.inputs[0].values, {}).y;
        EXPECT_TRUE(meets_onnx_tolerance(y, test.output.values)) << layout;
      }
      ++count;
    }
  }
  EXPECT_EQ(count, 23);
}

TEST_P(Pooling, AgreesWithCaffe) {
  const auto folder = test_data("caffe_layers");
  LRCN_SKIP_WITHOUT(folder);
  const ArrayFile x = read_npy(folder / "blob.npy");
  for (const bool maximum : {true, false}) {
    const ArrayFile y =
        read_npy(folder / (maximum ? "layer_pooling_max.npy" : "layer_pooling_ave.npy"));
    for (const Layout layout : kLayouts) {
      const PoolingProblem problem{.x = {Shape(x.shape), DType::f32, layout},
                                   .kind = maximum ? PoolingKind::maximum : PoolingKind::average,
                                   .window = {3, 5, 2, 1, 2, 1, 2, 1},
                                   .rounding = Rounding::up,
                                   .divisor = PoolingDivisor::padded};
      EXPECT_EQ(pooling_shape(problem), Shape(y.shape));
      EXPECT_TRUE(meets_caffe_tolerance(run(context(), problem, x.values, {}).y, y.values))
          << layout;
    }
  }
}

}  // namespace
}  // namespace lrcn::test
