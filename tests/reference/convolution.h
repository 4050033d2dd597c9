// Convolution and its gradients in double precision, straight from the definition.
#pragma once

#include <vector>

#include "kernels/convolution.h"
#include "tests/reference/layout.h"

namespace lrcn::test {

class ConvolutionReference {
 public:
  explicit ConvolutionReference(const ConvolutionProblem& problem)
      : problem_(problem),
        x_shape_(problem.x.shape),
        y_shape_(convolution_shape(problem)),
        w_shape_{problem.out_channels, problem.x.shape[1] / problem.groups, problem.window.kernel_h,
                 problem.window.kernel_w} {}

  const Shape& y_shape() const { return y_shape_; }
  const Shape& w_shape() const { return w_shape_; }
  // Products in one sum of forward, of dx and of dw.
  std::int64_t y_terms() const { return w_shape_.elements(1, 4) + 1; }
  std::int64_t dx_terms() const {
    return y_shape_[1] / problem_.groups * w_shape_[2] * w_shape_[3];
  }
  std::int64_t dw_terms() const { return y_shape_[0] * y_shape_[2] * y_shape_[3]; }

  std::vector<double> forward(const std::vector<double>& x, const std::vector<double>& w,
                              const std::vector<double>& bias) const {
    std::vector<double> y(std::size_t(y_shape_.elements()), 0.0);
    for_each_product(
        [&](std::size_t yi, std::size_t xi, std::size_t wi) { y[yi] += x[xi] * w[wi]; });
    for_each_pixel(y_shape_, [&](const Pixel& pixel, std::int64_t index) {
      double& value = y[std::size_t(index)];
      value += problem_.bias ? bias[std::size_t(pixel.c)] : 0.0;
      value = problem_.relu ? std::max(value, 0.0) : value;
    });
    return y;
  }

  // dy: after the ReLU's mask. The sums are added to what dw and db hold; dx must be zero.
  void backward(const std::vector<double>& x, const std::vector<double>& w,
                const std::vector<double>& dy, std::vector<double>& dx, std::vector<double>& dw,
                std::vector<double>& db) const {
    for_each_product([&](std::size_t yi, std::size_t xi, std::size_t wi) {
      dx[xi] += dy[yi] * w[wi];
      dw[wi] += dy[yi] * x[xi];
    });
    add_bias_gradient(dy, db);
  }
  void add_bias_gradient(const std::vector<double>& dy, std::vector<double>& db) const {
    for_each_pixel(y_shape_, [&](const Pixel& pixel, std::int64_t index) {
      if (problem_.bias) {
        db[std::size_t(pixel.c)] += dy[std::size_t(index)];
      }
    });
  }

 private:
  // Calls visit(index in y, index in x, index in w) for every product inside of the image.
  template <class Visit>
  void for_each_product(Visit&& visit) const {
    const Window& window = problem_.window;
    const std::int64_t group_inputs = w_shape_[1];
    const std::int64_t group_outputs = w_shape_[0] / problem_.groups;
    const TensorSpec x_spec{x_shape_};
    const TensorSpec w_spec{w_shape_};
    for_each_pixel(y_shape_, [&](const Pixel& out, std::int64_t y_index) {
      const std::int64_t first_channel = out.c / group_outputs * group_inputs;
      for_each_pixel({1, w_shape_[1], w_shape_[2], w_shape_[3]}, [&](Pixel tap, std::int64_t) {
        const Pixel in{out.n, first_channel + tap.c,
                       out.h * window.stride_h + tap.h - window.pad_top,
                       out.w * window.stride_w + tap.w - window.pad_left};
        if (in.h >= 0 && in.h < x_shape_[2] && in.w >= 0 && in.w < x_shape_[3]) {
          tap.n = out.c;
          visit(std::size_t(y_index), std::size_t(offset_of(x_spec, in)),
                std::size_t(offset_of(w_spec, tap)));
        }
      });
    });
  }

  ConvolutionProblem problem_;
  Shape x_shape_;
  Shape y_shape_;
  Shape w_shape_;
};

}  // namespace lrcn::test
