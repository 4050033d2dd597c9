// Local response normalisation and its gradient in double precision, straight from the definition.
#pragma once

#include <cmath>
#include <vector>

#include "kernels/lrn.h"
#include "tests/reference/layout.h"

namespace lrcn::test {

class LrnReference {
 public:
  explicit LrnReference(const LrnProblem& problem)
      : p_(problem), shape_(problem.x.shape), spec_{problem.x.shape} {}

  std::vector<double> forward(const std::vector<double>& x) const {
    std::vector<double> y(x.size());
    for_each_pixel(shape_, [&](const Pixel& pixel, std::int64_t index) {
      y[std::size_t(index)] = x[std::size_t(index)] * std::pow(scale(x, pixel), -double(p_.beta));
    });
    return y;
  }

  // dx_i = sum_j dy_j dy_j/dx_i, term by term.
  std::vector<double> backward(const std::vector<double>& x, const std::vector<double>& dy) const {
    std::vector<double> dx(x.size(), 0.0);
    const double beta = p_.beta;
    for_each_pixel(shape_, [&](const Pixel& pixel, std::int64_t index) {
      const double s = scale(x, pixel);
      const double gradient = dy[std::size_t(index)];
      dx[std::size_t(index)] += gradient * std::pow(s, -beta);
      for_each_neighbour(pixel, [&](std::size_t i) {
        const double ds = 2.0 * double(p_.alpha) / double(p_.size) * x[i];
        dx[i] -= gradient * x[std::size_t(index)] * beta * std::pow(s, -beta - 1.0) * ds;
      });
    });
    return dx;
  }

 private:
  template <class Visit>
  void for_each_neighbour(Pixel pixel, Visit&& visit) const {
    const std::int64_t centre = pixel.c;
    for (std::int64_t c = centre - (p_.size - 1) / 2; c <= centre + (p_.size - 1) / 2; ++c) {
      if (c >= 0 && c < shape_[1]) {
        pixel.c = c;
        visit(std::size_t(offset_of(spec_, pixel)));
      }
    }
  }

  double scale(const std::vector<double>& x, const Pixel& pixel) const {
    double sum = 0.0;
    for_each_neighbour(pixel, [&](std::size_t i) { sum += x[i] * x[i]; });
    return double(p_.k) + double(p_.alpha) / double(p_.size) * sum;
  }

  LrnProblem p_;
  Shape shape_;
  TensorSpec spec_;
};

}  // namespace lrcn::test
