// Convolution against the double-precision reference, ONNX and Caffe.
#include "kernels/convolution.h"

#include <gtest/gtest.h>

#include "tests/kernels/convolution_trial.h"
#include "tests/kernels/each_device.h"
#include "tests/reference/npy.h"
#include "tests/reference/onnx_tensor.h"

namespace lrcn::test {
namespace {

using Algorithm = ConvolutionAlgorithm;

class Convolution : public OnEachDevice {
 protected:
  // CUDA has kernels of its own behind each name.
  std::vector<Algorithm> algorithms() const {
    return device().is_cpu() ? std::vector{Algorithm::direct, Algorithm::plain}
                             : std::vector{Algorithm::direct, Algorithm::automatic};
  }

  template <class Visit>
  void for_each_problem(const Visit& visit) const {
    for (const ConvolutionCase& test : kConvolutionCases) {
      for (const Algorithm algorithm : algorithms()) {
        SCOPED_TRACE(concat(test.name, ", algorithm ", int(algorithm)));
        visit(problem_of(test, algorithm));
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Devices, Convolution, testing::ValuesIn(test_devices()), name_of);

TEST_P(Convolution, IsExactOnIntegersInference) {
  for_each_problem([&](ConvolutionProblem problem) {
    for (const bool relu : {false, true}) {
      problem.relu = relu;
      problem.bias = !relu;
      ConvolutionTrial(context(), problem, Values::integer).expect_forward(0.0);
    }
  });
}

TEST_P(Convolution, IsExactOnIntegersTraining) {
  for_each_problem([&](ConvolutionProblem problem) {
    for (const bool relu : {false, true}) {
      problem.relu = relu;
      problem.bias = relu;
      problem.backward = true;
      ConvolutionTrial trial(context(), problem, Values::integer);
      trial.expect_forward(0.0);
      trial.expect_backward(context(), Values::integer, 0.0);
    }
  });
}

TEST_P(Convolution, StaysWithinTheErrorBoundOfItsSums) {
  for_each_problem([&](ConvolutionProblem problem) {
    problem.relu = true;
    problem.backward = true;
    ConvolutionTrial trial(context(), problem, Values::real);
    trial.expect_forward(1.0);
    trial.expect_backward(context(), Values::real, 1.0);
  });
}

TEST_P(Convolution, LeavesOutTheGradientsNobodyNeeds) {
  ConvolutionProblem problem = problem_of({"", {2, 16, 6, 6}, 16, kSame3}, Algorithm::direct);
  problem.backward = true;
  problem.needs_dx = false;
  ConvolutionTrial trial(context(), problem, Values::integer);
  EXPECT_EQ(trial.kernel().algorithms(), "forward direct, dw direct");
  trial.expect_backward(context(), Values::integer, 0.0);

  const auto frozen = plan_convolution(context(), problem);
  GuardedTensor x(frozen->x_spec(), device());
  GuardedTensor dy(frozen->y_spec(), device());
  GuardedTensor packed(frozen->packed_bytes(), device());
  GuardedTensor scratch(frozen->scratch_bytes(), device());
  EXPECT_NO_THROW(frozen->backward(context(), {x, {}, dy, packed, {}, {}, {}, scratch}));
  EXPECT_THROW(frozen->backward(context(), {x, {}, dy, packed, x, {}, {}, scratch}), ArgumentError);
}

TEST_P(Convolution, RefusesWhatItCannotPlan) {
  const auto refused = [&](const ConvolutionCase& test) {
    EXPECT_THROW(plan_convolution(context(), problem_of(test, Algorithm::direct)), ArgumentError)
        << test.name;
  };
  refused({"no images", {0, 3, 8, 8}, 8, kSame3});
  refused({"no channels", {1, 0, 8, 8}, 8, kSame3});
  refused({"no output channels", {1, 3, 8, 8}, 0, kSame3});
  refused({"rank 3", {3, 8, 8}, 8, kSame3});
  refused({"groups that do not divide", {1, 6, 8, 8}, 8, kSame3, 4});
  refused({"no groups", {1, 6, 8, 8}, 6, kSame3, 0});
  refused({"image smaller than the window", {1, 3, 2, 8}, 8, Window::square(3)});
  refused({"no stride", {1, 3, 8, 8}, 8, Window::square(3, 0)});
  refused({"negative padding", {1, 3, 8, 8}, 8, Window::square(3, 1, -1)});
  ConvolutionProblem bytes = problem_of({"", {1, 3, 8, 8}, 8, kSame3}, Algorithm::direct);
  bytes.x.dtype = DType::u8;
  EXPECT_THROW(plan_convolution(context(), bytes), ArgumentError);
}

TEST_P(Convolution, RefusesTensorsOfAnotherShape) {
  const auto kernel =
      plan_convolution(context(), problem_of({"", {1, 3, 8, 8}, 16, kSame3}, Algorithm::direct));
  GuardedTensor x(kernel->x_spec(), device());
  GuardedTensor y(kernel->y_spec(), device());
  GuardedTensor w(TensorSpec{{16, 3, 3, 3}}, device());
  GuardedTensor bias(TensorSpec{{16}}, device());
  GuardedTensor packed(kernel->packed_bytes(), device());
  GuardedTensor scratch(kernel->scratch_bytes(), device());
  EXPECT_THROW(kernel->pack(context(), bias, packed, scratch), ArgumentError);
  EXPECT_THROW(kernel->pack(context(), w, {}, scratch), ArgumentError);
  EXPECT_THROW(kernel->forward(context(), {y, packed, bias, y, scratch}), ArgumentError);
  EXPECT_THROW(kernel->forward(context(), {x, packed, {}, y, scratch}), ArgumentError);
  EXPECT_THROW(kernel->backward(context(), {x, y, y, packed, {}, {}, {}, scratch}), ArgumentError);
}

// Runs one forward pass on values in row-major order.
std::vector<double> convolve(Context& context, const ConvolutionProblem& problem,
                             const std::vector<double>& x_values,
                             const std::vector<double>& w_values, const std::vector<double>& bias) {
  const auto kernel = plan_convolution(context, problem);
  const ConvolutionReference reference(problem);
  GuardedTensor x(kernel->x_spec(), context.device());
  GuardedTensor y(kernel->y_spec(), context.device());
  GuardedTensor w(TensorSpec{reference.w_shape()}, context.device());
  GuardedTensor b(TensorSpec{{problem.out_channels}}, context.device());
  GuardedTensor packed(kernel->packed_bytes(), context.device());
  GuardedTensor scratch(kernel->scratch_bytes(), context.device());
  store(x_values, x);
  store(w_values, w);
  store(bias, b);
  kernel->pack(context, w, packed, scratch);
  kernel->forward(context, {x, packed, problem.bias ? b.tensor() : Tensor{}, y, scratch});
  return values_of(y);
}

TEST_P(Convolution, AgreesWithOnnx) {
  LRCN_SKIP_WITHOUT(test_data("onnx_node"));
  int run = 0;
  for (const OnnxCase& test : onnx_cases("Conv")) {
    SCOPED_TRACE(test.name);
    if (test.get("dilations", 1.0) != 1.0) {
      continue;  // not offered
    }
    const auto kernel = test.get("kernel_shape", std::vector<double>{});
    const auto stride = test.get("strides", std::vector<double>{1, 1});
    const auto pad = test.get("pads", std::vector<double>{0, 0, 0, 0});
    const auto extent = [](double value) { return std::int64_t(value); };
    ConvolutionProblem problem{
        .x = {Shape(test.inputs.at(0).shape)},
        .out_channels = test.inputs.at(1).shape.at(0),
        .window = {extent(kernel.at(0)), extent(kernel.at(1)), extent(stride.at(0)),
                   extent(stride.at(1)), extent(pad.at(0)), extent(pad.at(1)), extent(pad.at(2)),
                   extent(pad.at(3))},
        .groups = extent(test.get("group", 1.0)),
        .bias = test.inputs.size() > 2};
    for (const Algorithm algorithm : algorithms()) {
      problem.algorithm = algorithm;
      const auto y = convolve(context(), problem, test.inputs[0].values, test.inputs[1].values,
                              problem.bias ? test.inputs[2].values : std::vector<double>{});
      EXPECT_TRUE(meets_onnx_tolerance(y, test.output.values));
    }
    ++run;
  }
  EXPECT_EQ(run, 8);
}

TEST_P(Convolution, AgreesWithCaffe) {
  const auto folder = test_data("caffe_layers");
  LRCN_SKIP_WITHOUT(folder);
  const ArrayFile x = read_npy(folder / "blob.npy");
  const ArrayFile y = read_npy(folder / "layer_convolution.npy");
  const auto blobs = read_caffe_blobs(folder / "layer_convolution.caffemodel");
  ASSERT_EQ(blobs.size(), 2u);
  ConvolutionProblem problem{
      .x = {Shape(x.shape)}, .out_channels = 12, .window = {4, 5, 2, 3, 0, 1, 0, 1}, .groups = 3};
  EXPECT_EQ(convolution_shape(problem), Shape(y.shape));
  for (const Algorithm algorithm : algorithms()) {
    problem.algorithm = algorithm;
    const auto got = convolve(context(), problem, x.values, blobs[0], blobs[1]);
    EXPECT_TRUE(meets_caffe_tolerance(got, y.values));
  }
}

}  // namespace
}  // namespace lrcn::test
