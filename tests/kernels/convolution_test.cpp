// Convolution against the double-precision reference, ONNX and Caffe. Long because the shapes, the
// published cases and the refusals share one fixture.
#include "kernels/convolution.h"

#include <gtest/gtest.h>

#include "kernels/algorithm_choices.h"
#include "tests/reference/convolution.h"
#include "tests/reference/guarded_tensor.h"
#include "tests/reference/npy.h"
#include "tests/reference/onnx_tensor.h"
#include "tests/reference/values.h"

namespace lrcn::test {
namespace {

using Algorithm = ConvolutionAlgorithm;

struct Case {
  const char* name;
  Shape x;
  std::int64_t out_channels;
  Window window;
  std::int64_t groups = 1;
  Layout layout = Layout::plain;
};

const Window kSame3 = Window::square(3, 1, 1);

const Case kCases[] = {
    {"one pixel", {1, 1, 1, 1}, 1, Window::square(1)},
    {"RGB image", {2, 3, 17, 19}, 32, kSame3},
    {"RGB image, blocked", {2, 3, 9, 8}, 16, kSame3, 1, Layout::blocked16},
    {"grey digits", {3, 1, 28, 28}, 20, Window::square(5)},
    {"31 to 33 channels", {2, 31, 9, 7}, 33, kSame3, 1, Layout::blocked16},
    {"32 to 31 channels, stride",
     {1, 32, 10, 11},
     31,
     Window::square(3, 2, 1),
     1,
     Layout::blocked16},
    {"33 to 1 channels", {2, 33, 5, 5}, 1, kSame3, 1, Layout::blocked16},
    {"1x1", {2, 64, 7, 5}, 48, Window::square(1), 1, Layout::blocked16},
    {"1x1 stride 2", {1, 16, 9, 9}, 32, Window::square(1, 2), 1, Layout::blocked16},
    {"AlexNet's first", {1, 3, 35, 35}, 96, Window::square(11, 4)},
    {"two groups", {2, 96, 9, 9}, 64, Window::square(5, 1, 2), 2, Layout::blocked16},
    {"three groups of two", {2, 6, 15, 13}, 12, {4, 5, 2, 3, 0, 1, 0, 1}, 3},
    {"groups of eight", {1, 40, 6, 6}, 80, kSame3, 5, Layout::blocked8},
    {"a group for each channel", {1, 20, 8, 8}, 20, kSame3, 20, Layout::blocked16},
    {"padding on two sides", {1, 16, 7, 5}, 16, {3, 3, 2, 2, 1, 0, 1, 0}, 1, Layout::blocked16},
    {"padding behind only", {1, 5, 6, 6}, 7, {2, 2, 1, 1, 0, 0, 1, 1}},
    {"wide kernel", {1, 16, 5, 40}, 16, {1, 7, 1, 2, 0, 3, 0, 3}, 1, Layout::blocked16},
    {"Winograd tiles with a rest", {2, 32, 13, 15}, 48, kSame3, 1, Layout::blocked16},
    {"small images, many channels", {1, 256, 4, 4}, 64, kSame3, 1, Layout::blocked16},
};

// What the tests below share: plan, values, one forward pass, one backward pass.
class Trial {
 public:
  Trial(Context& context, const ConvolutionProblem& problem, Values kind)
      : problem_(problem),
        reference_(problem),
        kernel_(plan_convolution(context, problem)),
        x_values_(make_values(kind, problem.x.shape.elements(), 1)),
        w_values_(make_values(kind, reference_.w_shape().elements(), 2)),
        bias_values_(make_values(kind, problem.out_channels, 3)),
        x_(kernel_->x_spec()),
        y_(kernel_->y_spec()),
        w_(TensorSpec{reference_.w_shape()}),
        bias_(TensorSpec{{problem.out_channels}}),
        packed_(kernel_->packed_bytes()),
        scratch_(kernel_->scratch_bytes()) {
    EXPECT_EQ(kernel_->y_spec().shape, reference_.y_shape());
    store(x_values_, x_);
    store(w_values_, w_);
    store(bias_values_, bias_);
    kernel_->pack(context, w_, packed_, scratch_);
    kernel_->forward(context,
                     {x_, packed_, problem.bias ? bias_.tensor() : Tensor{}, y_, scratch_});
  }

  const ConvolutionKernel& kernel() const { return *kernel_; }
  const ConvolutionReference& reference() const { return reference_; }
  std::vector<double> y() const { return values_of(y_); }
  std::vector<double> expected_y() const {
    return reference_.forward(x_values_, w_values_, bias_values_);
  }
  double scale(const std::vector<double>& a, const std::vector<double>& b) const {
    return largest(a) * largest(b);
  }

  void expect_forward(double units) const {
    const double bound =
        units * kEpsilon * double(reference_.y_terms()) * (scale(x_values_, w_values_) + 1.0);
    expect_close("y", y(), expected_y(), bound);
    EXPECT_TRUE(padding_is_zero(y_));
    expect_intact();
  }

  // Gradients are added onto `kPrefilled`. `units` of 0 asks for equality.
  void expect_backward(Context& context, Values kind, double units) {
    const auto dy_values = make_values(kind, reference_.y_shape().elements(), 4);
    GuardedTensor dy(kernel_->y_spec());
    GuardedTensor dx(kernel_->x_spec());
    GuardedTensor dw(TensorSpec{reference_.w_shape()});
    GuardedTensor db(TensorSpec{{problem_.out_channels}});
    store(dy_values, dy);
    std::ranges::fill(dw.values(), kPrefilled);
    std::ranges::fill(db.values(), kPrefilled);
    kernel_->backward(context, {x_, y_, dy, packed_, problem_.needs_dx ? dx.tensor() : Tensor{}, dw,
                                problem_.bias ? db.tensor() : Tensor{}, scratch_});

    std::vector<double> masked = dy_values;
    const std::vector<double> y = values_of(y_);
    for (std::size_t i = 0; problem_.relu && i < masked.size(); ++i) {
      masked[i] = y[i] > 0.0 ? masked[i] : 0.0;
    }
    std::vector<double> dx_expected(x_values_.size(), 0.0);
    std::vector<double> dw_expected(w_values_.size(), kPrefilled);
    std::vector<double> db_expected(bias_values_.size(), kPrefilled);
    reference_.backward(x_values_, w_values_, masked, dx_expected, dw_expected, db_expected);

    const double unit = units * kEpsilon;
    expect_close(
        "dw", values_of(dw), dw_expected,
        unit * double(reference_.dw_terms() + 1) * (scale(masked, x_values_) + kPrefilled));
    if (problem_.bias) {
      expect_close("db", values_of(db), db_expected,
                   unit * double(reference_.dw_terms() + 1) * (largest(masked) + kPrefilled));
    }
    if (problem_.needs_dx) {
      expect_close("dx", values_of(dx), dx_expected,
                   unit * double(reference_.dx_terms()) * scale(masked, w_values_));
      EXPECT_TRUE(padding_is_zero(dx));
    }
    EXPECT_TRUE(dy.intact() && dx.intact() && dw.intact() && db.intact());
    expect_intact();
  }

 private:
  static constexpr float kPrefilled = 3.0f;

  void expect_intact() const {
    EXPECT_TRUE(x_.intact() && y_.intact() && w_.intact() && bias_.intact());
    EXPECT_TRUE(packed_.intact() && scratch_.intact());
  }

  ConvolutionProblem problem_;
  ConvolutionReference reference_;
  std::unique_ptr<ConvolutionKernel> kernel_;
  std::vector<double> x_values_;
  std::vector<double> w_values_;
  std::vector<double> bias_values_;
  GuardedTensor x_;
  GuardedTensor y_;
  GuardedTensor w_;
  GuardedTensor bias_;
  GuardedTensor packed_;
  GuardedTensor scratch_;
};

ConvolutionProblem problem_of(const Case& test, Algorithm algorithm) {
  return {.x = {test.x, DType::f32, test.layout},
          .out_channels = test.out_channels,
          .window = test.window,
          .groups = test.groups,
          .algorithm = algorithm};
}

TEST(Convolution, IsExactOnIntegersInference) {
  Context context(Device::cpu());
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.name);
    for (const bool relu : {false, true}) {
      ConvolutionProblem problem = problem_of(test, Algorithm::direct);
      problem.relu = relu;
      problem.bias = !relu;
      Trial(context, problem, Values::integer).expect_forward(0.0);
    }
  }
}

TEST(Convolution, IsExactOnIntegersTraining) {
  Context context(Device::cpu());
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.name);
    for (const bool relu : {false, true}) {
      ConvolutionProblem problem = problem_of(test, Algorithm::direct);
      problem.relu = relu;
      problem.bias = relu;
      problem.backward = true;
      Trial trial(context, problem, Values::integer);
      trial.expect_forward(0.0);
      trial.expect_backward(context, Values::integer, 0.0);
    }
  }
}

TEST(Convolution, StaysWithinTheErrorBoundOfItsSums) {
  Context context(Device::cpu());
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.name);
    ConvolutionProblem problem = problem_of(test, Algorithm::direct);
    problem.relu = true;
    problem.backward = true;
    Trial trial(context, problem, Values::real);
    trial.expect_forward(1.0);
    trial.expect_backward(context, Values::real, 1.0);
  }
}

// The transforms of F(4x4, 3x3) multiply by up to 8 and mix 36 values (Lavin, Gray: "Fast
// algorithms for convolutional neural networks", 2016): rounding errors grow, and so does the
// bound.
TEST(Convolution, WinogradStaysWithinItsWiderBound) {
  Context context(Device::cpu());
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.name);
    for (const bool backward : {false, true}) {
      ConvolutionProblem problem = problem_of(test, Algorithm::winograd);
      problem.relu = true;
      problem.backward = backward;
      Trial trial(context, problem, Values::real);
      trial.expect_forward(4.0);
      if (backward) {
        trial.expect_backward(context, Values::real, 4.0);
      }
    }
  }
}

TEST(Convolution, LeavesOutTheGradientsNobodyNeeds) {
  Context context(Device::cpu());
  ConvolutionProblem problem = problem_of({"", {2, 16, 6, 6}, 16, kSame3}, Algorithm::direct);
  problem.backward = true;
  problem.needs_dx = false;
  Trial trial(context, problem, Values::integer);
  EXPECT_EQ(trial.kernel().algorithms(), "forward direct, dw direct");
  trial.expect_backward(context, Values::integer, 0.0);

  const auto frozen = plan_convolution(context, problem);
  GuardedTensor x(frozen->x_spec());
  GuardedTensor dy(frozen->y_spec());
  GuardedTensor packed(frozen->packed_bytes());
  GuardedTensor scratch(frozen->scratch_bytes());
  EXPECT_NO_THROW(frozen->backward(context, {x, {}, dy, packed, {}, {}, {}, scratch}));
  EXPECT_THROW(frozen->backward(context, {x, {}, dy, packed, x, {}, {}, scratch}), ArgumentError);
}

TEST(Convolution, MeasuresOnceAndKeepsTheAlgorithm) {
  Context context(Device::cpu());
  ConvolutionProblem problem =
      problem_of({"", {2, 32, 16, 16}, 32, kSame3, 1, Layout::blocked16}, Algorithm::automatic);
  problem.backward = true;
  const auto first = plan_convolution(context, problem);
  const auto choices = context.handle<AlgorithmChoices>().entries();
  EXPECT_EQ(plan_convolution(context, problem)->algorithms(), first->algorithms());
  EXPECT_EQ(context.handle<AlgorithmChoices>().entries(), choices);

  Context elsewhere(Device::cpu());
  elsewhere.handle<AlgorithmChoices>().load(choices);
  EXPECT_EQ(plan_convolution(elsewhere, problem)->algorithms(), first->algorithms());
  EXPECT_EQ(elsewhere.handle<AlgorithmChoices>().entries(), choices);
}

TEST(Convolution, FollowsLoadedChoicesAndMeasuresUnknownOnes) {
  Context context(Device::cpu());
  ConvolutionProblem problem =
      problem_of({"", {2, 32, 16, 16}, 32, kSame3, 1, Layout::blocked16}, Algorithm::automatic);
  plan_convolution(context, problem);
  auto choices = context.handle<AlgorithmChoices>().entries();
  if (choices.empty()) {
    GTEST_SKIP() << "this processor has no Winograd convolution";
  }
  ASSERT_EQ(choices.size(), 1u);
  for (const char* algorithm : {"direct", "winograd"}) {
    choices.begin()->second = algorithm;
    context.handle<AlgorithmChoices>().load(choices);
    EXPECT_EQ(plan_convolution(context, problem)->algorithms(), concat("forward ", algorithm));
  }
  choices.begin()->second = "of another version";
  context.handle<AlgorithmChoices>().load(choices);
  plan_convolution(context, problem);
  const std::string measured = context.handle<AlgorithmChoices>().entries().begin()->second;
  EXPECT_TRUE(measured == "direct" || measured == "winograd") << measured;
}

TEST(Convolution, NeverUsesWinogradForThreeChannels) {
  Context context(Device::cpu());
  const auto kernel =
      plan_convolution(context, problem_of({"", {1, 3, 32, 32}, 64, kSame3}, Algorithm::winograd));
  EXPECT_EQ(kernel->algorithms(), "forward direct");
  EXPECT_EQ(kernel->x_spec().layout, Layout::plain);
}

TEST(Convolution, RefusesWhatItCannotPlan) {
  Context context(Device::cpu());
  const auto refused = [&](const Case& test) {
    EXPECT_THROW(plan_convolution(context, problem_of(test, Algorithm::direct)), ArgumentError)
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
  EXPECT_THROW(plan_convolution(context, bytes), ArgumentError);
}

TEST(Convolution, RefusesTensorsOfAnotherShape) {
  Context context(Device::cpu());
  const auto kernel =
      plan_convolution(context, problem_of({"", {1, 3, 8, 8}, 16, kSame3}, Algorithm::direct));
  GuardedTensor x(kernel->x_spec());
  GuardedTensor y(kernel->y_spec());
  GuardedTensor w(TensorSpec{{16, 3, 3, 3}});
  GuardedTensor bias(TensorSpec{{16}});
  GuardedTensor packed(kernel->packed_bytes());
  GuardedTensor scratch(kernel->scratch_bytes());
  EXPECT_THROW(kernel->pack(context, bias, packed, scratch), ArgumentError);
  EXPECT_THROW(kernel->pack(context, w, {}, scratch), ArgumentError);
  EXPECT_THROW(kernel->forward(context, {y, packed, bias, y, scratch}), ArgumentError);
  EXPECT_THROW(kernel->forward(context, {x, packed, {}, y, scratch}), ArgumentError);
  EXPECT_THROW(kernel->backward(context, {x, y, y, packed, {}, {}, {}, scratch}), ArgumentError);
}

// Runs one forward pass on values in row-major order.
std::vector<double> convolve(const ConvolutionProblem& problem, const std::vector<double>& x_values,
                             const std::vector<double>& w_values, const std::vector<double>& bias) {
  Context context(Device::cpu());
  const auto kernel = plan_convolution(context, problem);
  const ConvolutionReference reference(problem);
  GuardedTensor x(kernel->x_spec());
  GuardedTensor y(kernel->y_spec());
  GuardedTensor w(TensorSpec{reference.w_shape()});
  GuardedTensor b(TensorSpec{{problem.out_channels}});
  GuardedTensor packed(kernel->packed_bytes());
  GuardedTensor scratch(kernel->scratch_bytes());
  store(x_values, x);
  store(w_values, w);
  store(bias, b);
  kernel->pack(context, w, packed, scratch);
  kernel->forward(context, {x, packed, problem.bias ? b.tensor() : Tensor{}, y, scratch});
  return values_of(y);
}

TEST(Convolution, AgreesWithOnnx) {
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
    const ConvolutionProblem problem{
        .x = {Shape(test.inputs.at(0).shape)},
        .out_channels = test.inputs.at(1).shape.at(0),
        .window = {extent(kernel.at(0)), extent(kernel.at(1)), extent(stride.at(0)),
                   extent(stride.at(1)), extent(pad.at(0)), extent(pad.at(1)), extent(pad.at(2)),
                   extent(pad.at(3))},
        .groups = extent(test.get("group", 1.0)),
        .bias = test.inputs.size() > 2};
    const auto y = convolve(problem, test.inputs[0].values, test.inputs[1].values,
                            problem.bias ? test.inputs[2].values : std::vector<double>{});
    EXPECT_TRUE(meets_onnx_tolerance(y, test.output.values));
    ++run;
  }
  EXPECT_EQ(run, 8);
}

TEST(Convolution, AgreesWithCaffe) {
  const auto folder = test_data("caffe_layers");
  LRCN_SKIP_WITHOUT(folder);
  const ArrayFile x = read_npy(folder / "blob.npy");
  const ArrayFile y = read_npy(folder / "layer_convolution.npy");
  const auto blobs = read_caffe_blobs(folder / "layer_convolution.caffemodel");
  ASSERT_EQ(blobs.size(), 2u);
  const ConvolutionProblem problem{
      .x = {Shape(x.shape)}, .out_channels = 12, .window = {4, 5, 2, 3, 0, 1, 0, 1}, .groups = 3};
  EXPECT_EQ(convolution_shape(problem), Shape(y.shape));
  EXPECT_TRUE(meets_caffe_tolerance(convolve(problem, x.values, blobs[0], blobs[1]), y.values));
}

}  // namespace
}  // namespace lrcn::test
