// A convolution on test values against the double-precision reference.
#pragma once

#include <cmath>
#include <memory>

#include "tests/reference/convolution.h"
#include "tests/reference/guarded_tensor.h"
#include "tests/reference/layout.h"
#include "tests/reference/values.h"

namespace lrcn::test {

struct ConvolutionCase {
  const char* name;
  Shape x;
  std::int64_t out_channels;
  Window window;
  std::int64_t groups = 1;
  Layout layout = Layout::plain;
};

inline const Window kSame3 = Window::square(3, 1, 1);

inline const ConvolutionCase kConvolutionCases[] = {
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

// Plan, values, one forward pass, one backward pass.
class ConvolutionTrial {
 public:
  ConvolutionTrial(Context& context, const ConvolutionProblem& problem, Values kind)
      : ConvolutionTrial(context, problem, kind, plan_convolution(context, problem)) {}
  // `factors`: what the kernel rounds the factors of its products to.
  ConvolutionTrial(Context& context, const ConvolutionProblem& problem, Values kind,
                   std::unique_ptr<ConvolutionKernel> kernel, Precision factors = Precision::f32)
      : problem_(problem),
        factors_(factors),
        device_(context.device()),
        reference_(problem),
        kernel_(std::move(kernel)),
        x_values_(in_memory(make_values(kind, problem.x.shape.elements(), 1), problem.x.dtype)),
        w_values_(make_values(kind, reference_.w_shape().elements(), 2)),
        bias_values_(make_values(kind, problem.out_channels, 3)),
        x_(kernel_->x_spec(), device_),
        y_(kernel_->y_spec(), device_),
        w_(TensorSpec{reference_.w_shape()}, device_),
        bias_(TensorSpec{{problem.out_channels}}, device_),
        packed_(kernel_->packed_bytes(), device_),
        scratch_(kernel_->scratch_bytes(), device_) {
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
    return reference_.forward(as_factors(x_values_), as_factors(w_values_), bias_values_);
  }
  double scale(const std::vector<double>& a, const std::vector<double>& b) const {
    return largest(a) * largest(b);
  }

  void expect_forward(double units) const {
    const double bound =
        units * kEpsilon * double(reference_.y_terms()) * (scale(x_values_, w_values_) + 1.0);
    expect_in_memory("y", y_, expected_y(), bound);
    EXPECT_TRUE(padding_is_zero(y_));
    expect_intact();
  }

  // Gradients are added onto `kPrefilled`. `units` of 0 asks for equality.
  void expect_backward(Context& context, Values kind, double units) {
    const auto dy_values =
        in_memory(make_values(kind, reference_.y_shape().elements(), 4), problem_.y_dtype);
    GuardedTensor dy(kernel_->y_spec(), device_);
    GuardedTensor dx(kernel_->x_spec(), device_);
    GuardedTensor dw(TensorSpec{reference_.w_shape()}, device_);
    GuardedTensor db(TensorSpec{{problem_.out_channels}}, device_);
    store(dy_values, dy);
    store(std::vector<double>(w_values_.size(), kPrefilled), dw);
    store(std::vector<double>(bias_values_.size(), kPrefilled), db);
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
    std::vector<double> db_of_factors(bias_values_.size(), 0.0);
    reference_.backward(as_factors(x_values_), as_factors(w_values_), as_factors(masked),
                        dx_expected, dw_expected, db_of_factors);
    reference_.add_bias_gradient(masked, db_expected);

    const double unit = units * kEpsilon;
    expect_close(
        "dw", values_of(dw), dw_expected,
        unit * double(reference_.dw_terms() + 1) * (scale(masked, x_values_) + kPrefilled));
    if (problem_.bias) {
      expect_close("db", values_of(db), db_expected,
                   unit * double(reference_.dw_terms() + 1) * (largest(masked) + kPrefilled));
    }
    if (problem_.needs_dx) {
      expect_in_memory("dx", dx, dx_expected,
                       unit * double(reference_.dx_terms()) * scale(masked, w_values_));
      EXPECT_TRUE(padding_is_zero(dx));
    }
    EXPECT_TRUE(dy.intact() && dx.intact() && dw.intact() && db.intact());
    expect_intact();
  }

 private:
  static constexpr float kPrefilled = 3.0f;

  std::vector<double> as_factors(std::vector<double> values) const {
    return of_bits(std::move(values), factors_ == Precision::bf16   ? 8
                                      : factors_ == Precision::tf32 ? 11
                                                                    : 24);
  }
  static std::vector<double> in_memory(std::vector<double> values, DType dtype) {
    return of_bits(std::move(values), dtype == DType::bf16 ? 8 : 24);
  }

  // A bound of 0 asks for equality, up to the last rounding where memory is bf16; else that may
  // change |expected| by one in 2^8.
  static void expect_in_memory(const char* what, const Tensor& tensor,
                               const std::vector<double>& expected, double bound) {
    const bool narrow = tensor.spec.dtype == DType::bf16;
    if (bound == 0.0) {
      expect_close(what, values_of(tensor), in_memory(expected, tensor.spec.dtype), 0.0);
    } else {
      expect_close(what, values_of(tensor), expected, bound, narrow ? 1.0 / 256.0 : 0.0);
    }
  }

  // Rounded to so many bits, ties to even.
  static std::vector<double> of_bits(std::vector<double> values, int bits) {
    for (double& value : values) {
      int exponent = 0;
      const double mantissa = std::frexp(value, &exponent);
      value = std::ldexp(std::nearbyint(std::ldexp(mantissa, bits)), exponent - bits);
    }
    return values;
  }

  void expect_intact() const {
    EXPECT_TRUE(x_.intact() && y_.intact() && w_.intact() && bias_.intact());
    EXPECT_TRUE(packed_.intact() && scratch_.intact());
  }

  ConvolutionProblem problem_;
  Precision factors_;
  Device device_;
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

inline ConvolutionProblem problem_of(const ConvolutionCase& test, ConvolutionAlgorithm algorithm) {
  return {.x = {test.x, DType::f32, test.layout},
          .out_channels = test.out_channels,
          .window = test.window,
          .groups = test.groups,
          .algorithm = algorithm};
}

}  // namespace lrcn::test
