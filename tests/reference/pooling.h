// Pooling and its gradient in double precision, straight from the definition.
#pragma once

#include <limits>
#include <vector>

#include "kernels/pooling.h"
#include "tests/reference/layout.h"

namespace lrcn::test {

class PoolingReference {
 public:
  explicit PoolingReference(const PoolingProblem& problem)
      : p_(problem), x_shape_(problem.x.shape), y_shape_(pooling_shape(problem)) {}

  const Shape& y_shape() const { return y_shape_; }

  std::vector<double> forward(const std::vector<double>& x) const {
    std::vector<double> y(std::size_t(y_shape_.elements()));
    for_each_pixel(y_shape_, [&](const Pixel& out, std::int64_t index) {
      double sum = 0.0;
      for_each_tap(out, [&](std::size_t tap) { sum += x[tap]; });
      y[std::size_t(index)] =
          p_.kind == PoolingKind::average ? sum / divisor(out) : x[maximum(x, out)];
    });
    return y;
  }

  std::vector<double> backward(const std::vector<double>& x, const std::vector<double>& dy) const {
    std::vector<double> dx(x.size(), 0.0);
    for_each_pixel(y_shape_, [&](const Pixel& out, std::int64_t index) {
      const double gradient = dy[std::size_t(index)];
      if (p_.kind == PoolingKind::maximum) {
        dx[maximum(x, out)] += gradient;
      } else {
        const double share = gradient / divisor(out);
        for_each_tap(out, [&](std::size_t tap) { dx[tap] += share; });
      }
    });
    return dx;
  }

 private:
  // Calls visit(index in x) in row-major order for every tap inside of the image.
  template <class Visit>
  void for_each_tap(const Pixel& out, Visit&& visit) const {
    const Window& window = p_.window;
    for (std::int64_t r = 0; r < window.kernel_h; ++r) {
      for (std::int64_t s = 0; s < window.kernel_w; ++s) {
        const Pixel in{out.n, out.c, out.h * window.stride_h + r - window.pad_top,
                       out.w * window.stride_w + s - window.pad_left};
        if (in.h >= 0 && in.h < x_shape_[2] && in.w >= 0 && in.w < x_shape_[3]) {
          visit(std::size_t(offset_of({x_shape_}, in)));
        }
      }
    }
  }

  std::size_t maximum(const std::vector<double>& x, const Pixel& out) const {
    double most = -std::numeric_limits<double>::infinity();
    std::size_t from = 0;
    for_each_tap(out, [&](std::size_t tap) {
      if (x[tap] > most) {
        most = x[tap];
        from = tap;
      }
    });
    return from;
  }

  double divisor(const Pixel& out) const {
    const Window& window = p_.window;
    std::int64_t taps = 0;
    for (std::int64_t r = 0; r < window.kernel_h; ++r) {
      for (std::int64_t s = 0; s < window.kernel_w; ++s) {
        const std::int64_t h = out.h * window.stride_h + r - window.pad_top;
        const std::int64_t w = out.w * window.stride_w + s - window.pad_left;
        const bool inside = h >= 0 && h < x_shape_[2] && w >= 0 && w < x_shape_[3];
        const bool padded =
            h < x_shape_[2] + window.pad_bottom && w < x_shape_[3] + window.pad_right;
        taps += p_.divisor == PoolingDivisor::window ||
                        (p_.divisor == PoolingDivisor::padded ? padded : inside)
                    ? 1
                    : 0;
      }
    }
    return double(taps);
  }

  PoolingProblem p_;
  Shape x_shape_;
  Shape y_shape_;
};

}  // namespace lrcn::test
