#include "kernels/cpu/plain_convolution.h"

#include <algorithm>
#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/close_relu.h"

namespace lrcn::cpu {
namespace {

constexpr const char* kOp = "convolution";

// Outputs of one row or column of windows: those whose element `offset` of the window lies inside.
struct Range {
  std::int64_t begin, end;
};
Range inside(std::int64_t offset, std::int64_t stride, std::int64_t extent, std::int64_t count) {
  const std::int64_t begin = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  const std::int64_t end = offset >= extent ? 0 : (extent - 1 - offset) / stride + 1;
  return {begin, std::max(begin, std::min(count, end))};
}

class PlainConvolution final : public ConvolutionKernel {
 public:
  explicit PlainConvolution(const ConvolutionProblem& problem)
      : p_(problem), window_(problem.window), x_{problem.x.shape}, y_{convolution_shape(problem)} {
    inputs_ = x_.shape[1] / p_.groups;
    outputs_ = p_.out_channels / p_.groups;
    w_ = {{p_.out_channels, inputs_, window_.kernel_h, window_.kernel_w}};
  }

  const TensorSpec& x_spec() const override { return x_; }
  const TensorSpec& y_spec() const override { return y_; }
  std::size_t packed_bytes() const override { return w_.bytes(); }
  std::size_t scratch_bytes() const override { return 0; }
  std::string algorithms() const override {
    return concat("forward plain", p_.backward && p_.needs_dx ? ", dx plain" : "",
                  p_.backward ? ", dw plain" : "");
  }

  void pack(Context&, Tensor w, Tensor packed, Tensor) const override {
    check_like_spec("w", w, w_);
    check_bytes(kOp, "packed", packed, packed_bytes());
    std::memcpy(packed.data, w.data, w_.bytes());
  }

  void forward(Context& context, const ConvolutionArguments& arguments) const override {
    check_devices("convolution", context.device(), arguments);
    check_like_spec("x", arguments.x, x_);
    check_like_spec("y", arguments.y, y_);
    check_bytes(kOp, "packed", arguments.packed, packed_bytes());
    if (p_.bias) {
      check_like_spec("bias", arguments.bias, {{p_.out_channels}});
    }
    const float* bias = p_.bias ? arguments.bias.as<float>() : nullptr;
    const float* w = weights(arguments.packed);
    const std::int64_t pixels = y_.shape[2] * y_.shape[3];
#pragma omp parallel for schedule(static) collapse(2)
    for (std::int64_t n = 0; n < y_.shape[0]; ++n) {
      for (std::int64_t k = 0; k < p_.out_channels; ++k) {
        float* y = arguments.y.as<float>() + (n * p_.out_channels + k) * pixels;
        std::fill(y, y + pixels, bias != nullptr ? bias[k] : 0.0f);
        for (std::int64_t c = 0; c < inputs_; ++c) {
          const float* x = plane(arguments.x, n, k / outputs_ * inputs_ + c);
          each_tap(w_plane(w, k, c), [&](float factor, std::int64_t row, std::int64_t column) {
            add_window(x, row, column, factor, y);
          });
        }
        for (std::int64_t i = 0; p_.relu && i < pixels; ++i) {
          y[i] = std::max(y[i], 0.0f);
        }
      }
    }
  }

  void backward(Context& context, const ConvolutionGradients& arguments) const override {
    check_devices("convolution", context.device(), arguments);
    check(p_.backward, kOp, ": backward was called, but not planned");
    check_like_spec("dy", arguments.dy, y_);
    check_bytes(kOp, "packed", arguments.packed, packed_bytes());
    if (p_.relu) {
      check_like_spec("y", arguments.y, y_);
      close_relu(arguments.y, arguments.dy);
    }
    if (arguments.dw) {
      check_like_spec("x", arguments.x, x_);
      check_like_spec("dw", arguments.dw, w_);
      add_weight_gradient(arguments);
    }
    if (arguments.db) {
      check_like_spec("db", arguments.db, {{p_.out_channels}});
      add_bias_gradient(arguments);
    }
    if (arguments.dx) {
      check(p_.needs_dx, kOp, ": dx was given, but not planned");
      check_like_spec("dx", arguments.dx, x_);
      write_input_gradient(arguments);
    }
  }

 private:
  static void check_like_spec(const char* name, const Tensor& tensor, const TensorSpec& spec) {
    check_spec(kOp, name, tensor, spec);
    check_present(kOp, name, tensor);
  }

  static const float* weights(const Tensor& packed) {
    return static_cast<const float*>(packed.data);
  }
  // One channel of one image.
  static float* plane(const Tensor& images, std::int64_t n, std::int64_t channel) {
    const Shape& shape = images.shape();
    return images.as<float>() + (n * shape[1] + channel) * shape[2] * shape[3];
  }
  template <class T>
  T* w_plane(T* w, std::int64_t k, std::int64_t c) const {
    return w + (k * inputs_ + c) * window_.kernel_h * window_.kernel_w;
  }

  // Calls body(element of a window, its row and column from the corner of the image).
  template <class T, class Body>
  void each_tap(T* w, const Body& body) const {
    for (std::int64_t r = 0; r < window_.kernel_h; ++r) {
      for (std::int64_t s = 0; s < window_.kernel_w; ++s) {
        body(w[r * window_.kernel_w + s], r - window_.pad_top, s - window_.pad_left);
      }
    }
  }

  // Calls body(offset of the first pixel of x, first pixel of y, number of pixels) for every row of
  // windows that meets the image.
  template <class Body>
  void each_row(std::int64_t row, std::int64_t column, const Body& body) const {
    const Range rows = inside(row, window_.stride_h, x_.shape[2], y_.shape[2]);
    const Range columns = inside(column, window_.stride_w, x_.shape[3], y_.shape[3]);
    for (std::int64_t p = rows.begin; p < rows.end; ++p) {
      body((p * window_.stride_h + row) * x_.shape[3] + columns.begin * window_.stride_w + column,
           p * y_.shape[3] + columns.begin, columns.end - columns.begin);
    }
  }

  // y[p, q] += factor * x[p stride + row, q stride + column]
  void add_window(const float* x, std::int64_t row, std::int64_t column, float factor,
                  float* y) const {
    const std::int64_t stride = window_.stride_w;
    each_row(row, column, [=](std::int64_t from, std::int64_t to, std::int64_t count) {
#pragma omp simd
      for (std::int64_t q = 0; q < count; ++q) {
        y[to + q] += factor * x[from + q * stride];
      }
    });
  }

  void write_input_gradient(const ConvolutionGradients& arguments) const {
    const float* w = weights(arguments.packed);
    const std::int64_t pixels = x_.shape[2] * x_.shape[3];
    const std::int64_t stride = window_.stride_w;
#pragma omp parallel for schedule(static) collapse(2)
    for (std::int64_t n = 0; n < x_.shape[0]; ++n) {
      for (std::int64_t c = 0; c < x_.shape[1]; ++c) {
        float* dx = plane(arguments.dx, n, c);
        std::fill(dx, dx + pixels, 0.0f);
        const std::int64_t group = c / inputs_;
        for (std::int64_t k = group * outputs_; k < (group + 1) * outputs_; ++k) {
          const float* dy = plane(arguments.dy, n, k);
          each_tap(
              w_plane(w, k, c % inputs_), [&](float factor, std::int64_t row, std::int64_t column) {
                each_row(row, column, [=](std::int64_t to, std::int64_t from, std::int64_t count) {
#pragma omp simd
                  for (std::int64_t q = 0; q < count; ++q) {
                    dx[to + q * stride] += factor * dy[from + q];
                  }
                });
              });
        }
      }
    }
  }

  void add_weight_gradient(const ConvolutionGradients& arguments) const {
    const std::int64_t stride = window_.stride_w;
#pragma omp parallel for schedule(static) collapse(2)
    for (std::int64_t k = 0; k < p_.out_channels; ++k) {
      for (std::int64_t c = 0; c < inputs_; ++c) {
        float* dw = w_plane(arguments.dw.as<float>(), k, c);
        each_tap(dw, [&](float& gradient, std::int64_t row, std::int64_t column) {
          double sum = 0.0;
          for (std::int64_t n = 0; n < x_.shape[0]; ++n) {
            const float* x = plane(arguments.x, n, k / outputs_ * inputs_ + c);
            const float* dy = plane(arguments.dy, n, k);
            each_row(row, column, [&](std::int64_t from, std::int64_t to, std::int64_t count) {
              float products = 0.0f;
#pragma omp simd reduction(+ : products)
              for (std::int64_t q = 0; q < count; ++q) {
                products += dy[to + q] * x[from + q * stride];
              }
              sum += double(products);
            });
          }
          gradient += float(sum);
        });
      }
    }
  }

  void add_bias_gradient(const ConvolutionGradients& arguments) const {
    const std::int64_t pixels = y_.shape[2] * y_.shape[3];
#pragma omp parallel for schedule(static)
    for (std::int64_t k = 0; k < p_.out_channels; ++k) {
      double sum = 0.0;
      for (std::int64_t n = 0; n < y_.shape[0]; ++n) {
        const float* dy = plane(arguments.dy, n, k);
        for (std::int64_t i = 0; i < pixels; ++i) {
          sum += double(dy[i]);
        }
      }
      arguments.db.as<float>()[k] += float(sum);
    }
  }

  ConvolutionProblem p_;
  Window window_;
  TensorSpec x_, y_, w_;
  std::int64_t inputs_ = 0;   // channels of x in a group
  std::int64_t outputs_ = 0;  // channels of y in a group
};

}  // namespace

std::unique_ptr<ConvolutionKernel> plan_plain_convolution(const ConvolutionProblem& problem) {
  return std::make_unique<PlainConvolution>(problem);
}

}  // namespace lrcn::cpu
