#include "tests/reference/convolution.h"

#include <algorithm>

#include "tests/reference/layout.h"

namespace lrcn::test {

template <class Visit>
void ConvolutionReference::for_each_product(const Visit& visit) const {
  const Window& window = problem_.window;
  const Pixel taps{1, w_shape_[1], w_shape_[2], w_shape_[3]};
  const Pixel image{x_shape_[0], x_shape_[1], x_shape_[2], x_shape_[3]};
  const std::int64_t group_outputs = w_shape_[0] / problem_.groups;
  for_each_pixel(y_shape_, [&](const Pixel& out, std::int64_t yi) {
    const std::int64_t first_channel = out.c / group_outputs * taps.c;
    for (std::int64_t c = 0; c < taps.c; ++c) {
      for (std::int64_t kh = 0; kh < taps.h; ++kh) {
        const std::int64_t h = out.h * window.stride_h + kh - window.pad_top;
        for (std::int64_t kw = 0; kw < taps.w; ++kw) {
          const std::int64_t w = out.w * window.stride_w + kw - window.pad_left;
          if (h >= 0 && h < image.h && w >= 0 && w < image.w) {
            visit(std::size_t(yi),
                  std::size_t(((out.n * image.c + first_channel + c) * image.h + h) * image.w + w),
                  std::size_t(((out.c * taps.c + c) * taps.h + kh) * taps.w + kw));
          }
        }
      }
    }
  });
}

std::vector<double> ConvolutionReference::forward(const std::vector<double>& x,
                                                  const std::vector<double>& w,
                                                  const std::vector<double>& bias) const {
  std::vector<double> y(std::size_t(y_shape_.elements()), 0.0);
  for_each_product([&](std::size_t yi, std::size_t xi, std::size_t wi) { y[yi] += x[xi] * w[wi]; });
  for_each_pixel(y_shape_, [&](const Pixel& pixel, std::int64_t index) {
    double& value = y[std::size_t(index)];
    value += problem_.bias ? bias[std::size_t(pixel.c)] : 0.0;
    value = problem_.relu ? std::max(value, 0.0) : value;
  });
  return y;
}

void ConvolutionReference::backward(const std::vector<double>& x, const std::vector<double>& w,
                                    const std::vector<double>& dy, std::vector<double>& dx,
                                    std::vector<double>& dw, std::vector<double>& db) const {
  for_each_product([&](std::size_t yi, std::size_t xi, std::size_t wi) {
    dx[xi] += dy[yi] * w[wi];
    dw[wi] += dy[yi] * x[xi];
  });
  add_bias_gradient(dy, db);
}

void ConvolutionReference::add_bias_gradient(const std::vector<double>& dy,
                                             std::vector<double>& db) const {
  for_each_pixel(y_shape_, [&](const Pixel& pixel, std::int64_t index) {
    if (problem_.bias) {
      db[std::size_t(pixel.c)] += dy[std::size_t(index)];
    }
  });
}

}  // namespace lrcn::test
