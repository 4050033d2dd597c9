// A training step of a convolution with 2x2 maximum pooling: in one, by kernels apart, and by the
// definition in double precision.
#pragma once

#include <cmath>

#include "kernels/convolution.h"
#include "kernels/cuda/convolution_methods.h"
#include "kernels/pooling.h"
#include "tests/reference/convolution.h"
#include "tests/reference/guarded_tensor.h"
#include "tests/reference/pooling.h"
#include "tests/reference/values.h"

namespace lrcn::test {

inline constexpr double kEndOfGradient = 4.0;  // what is saved where the ReLU is closed

inline ConvolutionProblem without_pool(ConvolutionProblem problem) {
  problem.pool = false;
  return problem;
}

inline PoolingProblem pooling_of(const TensorSpec& y) {
  return {.x = y, .window = Window::square(2, 2), .backward = true};
}

// Values in row-major order, held as memory holds them.
struct StepValues {
  std::vector<double> x, w, bias, dy;

  StepValues(const ConvolutionProblem& problem, Values kind) {
    const ConvolutionReference reference(without_pool(problem));
    x = make_values(kind, problem.x.elements(), 1);
    w = make_values(kind, reference.w_shape().elements(), 2);
    bias = make_values(kind, problem.out_channels, 3);
    dy = make_values(kind, convolution_shape(problem).elements(), 4);
  }
};

struct StepResults {
  std::vector<double> y, saved, dx, dw, db;
};

// Equal, or NaN both.
inline void expect_equal(const char* what, const std::vector<double>& actual,
                         const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_TRUE(actual[i] == expected[i] || (std::isnan(actual[i]) && std::isnan(expected[i])))
        << what << ": element " << i << " of " << actual.size() << " is " << actual[i]
        << ", expected " << expected[i];
  }
}

// Bytes that lie as nhwc, in row-major order.
inline std::vector<double> bytes_of(const Tensor& saved, const Shape& shape) {
  std::vector<std::uint8_t> bytes(saved.bytes());
  download(bytes.data(), saved);
  std::vector<double> values(bytes.size());
  for_each_pixel(shape, [&](const Pixel& pixel, std::int64_t index) {
    const std::int64_t at = offset_of({shape, DType::u8, Layout::nhwc}, pixel);
    values[std::size_t(index)] = double(bytes[std::size_t(at)]);
  });
  return values;
}

// The operands of one convolution on a device; results start as NaN, saved and scratch memory as
// 0xa5, and parameter gradients as zero.
class PooledStep {
 public:
  PooledStep(Context& context, const ConvolutionProblem& problem, const StepValues& values,
             std::unique_ptr<ConvolutionKernel> kernel)
      : context_(context),
        problem_(problem),
        kernel_(std::move(kernel)),
        x_(kernel_->x_spec(), context.device()),
        w_(TensorSpec{ConvolutionReference(without_pool(problem)).w_shape()}, context.device()),
        bias_(TensorSpec{{problem.out_channels}}, context.device()),
        y_(kernel_->y_spec(), context.device()),
        dy_(kernel_->y_spec(), context.device()),
        dx_(kernel_->x_spec(), context.device()),
        dw_(w_.tensor().spec, context.device()),
        db_(bias_.tensor().spec, context.device()),
        packed_(kernel_->packed_bytes(), context.device()),
        saved_(kernel_->saved_bytes(), context.device()),
        scratch_(kernel_->scratch_bytes(), context.device()) {
    store(values.x, x_);
    store(values.w, w_);
    store(values.bias, bias_);
    store(std::vector<double>(values.w.size(), 0.0), dw_);
    store(std::vector<double>(values.bias.size(), 0.0), db_);
    kernel_->pack(context, w_, packed_, scratch_);
  }

  void forward() {
    kernel_->forward(
        context_, {x_, packed_, problem_.bias ? bias_.tensor() : Tensor{}, y_, scratch_, saved_});
  }
  // From what dy() holds.
  void backward() {
    const bool keeps_y = problem_.relu && !problem_.pool;
    kernel_->backward(context_, {x_, keeps_y ? y_.tensor() : Tensor{}, dy_, packed_, dx_, dw_,
                                 problem_.bias ? db_.tensor() : Tensor{}, scratch_, saved_});
    EXPECT_TRUE(x_.intact() && y_.intact() && dy_.intact() && dx_.intact() && dw_.intact());
    EXPECT_TRUE(db_.intact() && packed_.intact() && saved_.intact() && scratch_.intact());
  }
  const Tensor& y() const { return y_.tensor(); }
  const Tensor& dy() const { return dy_.tensor(); }
  const Tensor& saved() const { return saved_.tensor(); }
  StepResults gradients() const { return {{}, {}, values_of(dx_), values_of(dw_), values_of(db_)}; }

 private:
  Context& context_;
  ConvolutionProblem problem_;
  std::unique_ptr<ConvolutionKernel> kernel_;
  GuardedTensor x_, w_, bias_, y_, dy_, dx_, dw_, db_, packed_, saved_, scratch_;
};

inline StepResults run_in_one(Context& context, const ConvolutionProblem& problem,
                              const StepValues& values, const cuda::ConvolutionMethods& methods) {
  PooledStep step(context, problem, values, plan_convolution_by(context, problem, methods));
  step.forward();
  store(values.dy, step.dy());
  step.backward();
  StepResults results = step.gradients();
  results.y = values_of(step.y());
  results.saved = bytes_of(step.saved(), step.y().shape());
  return results;
}

// By the convolution without pooling and the kernels of layers/pooling.h.
inline StepResults run_apart(Context& context, const ConvolutionProblem& problem,
                             const StepValues& values, const cuda::ConvolutionMethods& methods) {
  const ConvolutionProblem whole = without_pool(problem);
  PooledStep step(context, whole, values, plan_convolution_by(context, whole, methods));
  step.forward();
  const auto pooling = plan_pooling(context, pooling_of(step.y().spec));
  const GuardedTensor y(pooling->y_spec(), context.device());
  const GuardedTensor dy(pooling->y_spec(), context.device());
  const GuardedTensor saved(pooling->saved_bytes(), context.device());
  pooling->forward(context, {step.y(), y, saved, {}});
  store(values.dy, dy);
  pooling->backward(context, {dy, saved, step.dy(), {}});
  step.backward();
  StepResults results = step.gradients();
  results.y = values_of(y);
  results.saved = bytes_of(saved, y.tensor().shape());
  for (std::size_t i = 0; problem.relu && i < results.y.size(); ++i) {
    results.saved[i] = results.y[i] > 0.0 ? results.saved[i] : kEndOfGradient;
  }
  return results;
}

// Exact for integers; y is compared with its neighbours as memory of y_dtype holds it.
inline StepResults run_by_definition(const ConvolutionProblem& problem, const StepValues& values) {
  const auto in_memory = [&](std::vector<double> exact) {
    for (double& value : exact) {
      value = problem.y_dtype == DType::bf16 ? to_float(to_bfloat16(float(value))) : value;
    }
    return exact;
  };
  const ConvolutionReference convolution(without_pool(problem));
  const PoolingReference pooling(pooling_of({convolution.y_shape()}));
  const std::vector<double> whole = in_memory(convolution.forward(values.x, values.w, values.bias));
  StepResults results;
  results.y = pooling.forward(whole);
  std::vector<double> dy = pooling.backward(whole, values.dy);
  for (std::size_t i = 0; problem.relu && i < dy.size(); ++i) {
    dy[i] = whole[i] > 0.0 ? dy[i] : 0.0;
  }
  results.dx.assign(values.x.size(), 0.0);
  results.dw.assign(values.w.size(), 0.0);
  results.db.assign(values.bias.size(), 0.0);
  convolution.backward(values.x, values.w, dy, results.dx, results.dw, results.db);

  const std::vector<double> chosen =
      pooling.backward(whole, std::vector<double>(results.y.size(), 1.0));
  const Shape& shape = convolution.y_shape();
  for_each_pixel(pooling.y_shape(), [&](const Pixel& p, std::int64_t index) {
    double pixel = kEndOfGradient;
    for (std::int64_t tap = 0; tap < 4; ++tap) {
      const Pixel in{p.n, p.c, 2 * p.h + tap / 2, 2 * p.w + tap % 2};
      pixel = chosen[std::size_t(offset_of({shape}, in))] > 0.0 ? double(tap) : pixel;
    }
    const bool closed = problem.relu && results.y[std::size_t(index)] <= 0.0;
    results.saved.push_back(closed ? kEndOfGradient : pixel);
  });
  return results;
}

}  // namespace lrcn::test
