// Convolution and its gradients in double precision, straight from the definition.
#pragma once

#include <vector>

#include "kernels/convolution.h"

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
                              const std::vector<double>& bias) const;

  // dy: after the ReLU's mask. The sums are added to what dw and db hold; dx must be zero.
  void backward(const std::vector<double>& x, const std::vector<double>& w,
                const std::vector<double>& dy, std::vector<double>& dx, std::vector<double>& dw,
                std::vector<double>& db) const;
  void add_bias_gradient(const std::vector<double>& dy, std::vector<double>& db) const;

 private:
  // Calls visit(index in y, index in x, index in w) for every product inside of the image.
  template <class Visit>
  void for_each_product(const Visit& visit) const;

  ConvolutionProblem problem_;
  Shape x_shape_;
  Shape y_shape_;
  Shape w_shape_;
};

}  // namespace lrcn::test
