#include "tools/bench/plain_convolution.h"

#include <algorithm>
#include <cstring>

#include "kernels/check_tensor.h"

namespace lrcn {
namespace {

constexpr const char* kOp = "plain convolution";

// The windows [begin, end) along an axis whose tap `tap` lies inside of the image.
struct WindowRange {
  WindowRange(std::int64_t windows, std::int64_t extent, std::int64_t stride, std::int64_t offset)
      : begin(offset >= 0 ? 0 : (-offset + stride - 1) / stride),
        end(offset >= extent ? 0 : std::min(windows, (extent - 1 - offset) / stride + 1)) {}
  std::int64_t begin, end;
};

class PlainConvolution final : public ConvolutionKernel {
 public:
  explicit PlainConvolution(const ConvolutionProblem& problem)
      : problem_(problem), x_{problem.x.shape}, y_{convolution_shape(problem)} {
    check(!(problem.relu && problem.backward), kOp, ": relu and backward exclude each other");
  }

  const TensorSpec& x_spec() const override { return x_; }
  const TensorSpec& y_spec() const override { return y_; }
  std::size_t packed_bytes() const override { return std::size_t(weights()) * sizeof(float); }
  std::size_t scratch_bytes() const override { return 0; }
  std::string algorithms() const override { return "forward plain, dx plain, dw plain"; }

  void pack(Context&, Tensor w, Tensor packed, Tensor) const override {
    check_bytes(kOp, "packed", packed, packed_bytes());
    std::memcpy(packed.data, w.as<float>(), packed_bytes());
  }
  void forward(Context& context, const ConvolutionArguments& arguments) const override;
  void backward(Context& context, const ConvolutionGradients& arguments) const override;

 private:
  std::int64_t channels() const { return x_.shape[1]; }
  std::int64_t group_channels() const { return channels() / problem_.groups; }
  std::int64_t group_outputs() const { return problem_.out_channels / problem_.groups; }
  std::int64_t taps() const { return problem_.window.kernel_h * problem_.window.kernel_w; }
  std::int64_t weights() const { return problem_.out_channels * group_channels() * taps(); }
  std::int64_t x_plane() const { return x_.shape[2] * x_.shape[3]; }
  std::int64_t y_plane() const { return y_.shape[2] * y_.shape[3]; }

  // Calls row(tap, x_offset, y_offset, count) for every tap and every row of windows; offsets into
  // a plane of x and one of y, whose pixels lie stride_w and 1 apart.
  template <class Row>
  void each_row(const Row& row) const;

  void compute_dx(const float* dy, const float* w, float* dx) const;
  void add_dw(const float* x, const float* dy, float* dw) const;
  void add_db(const float* dy, float* db) const;

  ConvolutionProblem problem_;
  TensorSpec x_;
  TensorSpec y_;
};

template <class Row>
void PlainConvolution::each_row(const Row& row) const {
  const Window& window = problem_.window;
  const std::int64_t width = x_.shape[3];
  for (std::int64_t r = 0; r < window.kernel_h; ++r) {
    const std::int64_t top = r - window.pad_top;
    const WindowRange p_range(y_.shape[2], x_.shape[2], window.stride_h, top);
    for (std::int64_t s = 0; s < window.kernel_w; ++s) {
      const std::int64_t left = s - window.pad_left;
      const WindowRange q_range(y_.shape[3], width, window.stride_w, left);
      for (std::int64_t p = p_range.begin; p < p_range.end; ++p) {
        const std::int64_t x_row = (p * window.stride_h + top) * width + left;
        row(r * window.kernel_w + s, x_row + q_range.begin * window.stride_w,
            p * y_.shape[3] + q_range.begin, q_range.end - q_range.begin);
      }
    }
  }
}

// y = act(x * w + bias)
void PlainConvolution::forward(Context&, const ConvolutionArguments& arguments) const {
  const std::int64_t outputs = problem_.out_channels;
  const std::int64_t planes = x_.shape[0] * outputs;
  const std::int64_t stride = problem_.window.stride_w;
  const float* x = arguments.x.as<float>();
  const auto* w = static_cast<const float*>(arguments.packed.data);
  const float* bias = problem_.bias ? arguments.bias.as<float>() : nullptr;
  float* y = arguments.y.as<float>();
#pragma omp parallel for
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    const std::int64_t k = plane % outputs;
    const std::int64_t first = k / group_outputs() * group_channels();
    const float* images = x + (plane / outputs * channels() + first) * x_plane();
    float* out = y + plane * y_plane();
    std::fill(out, out + y_plane(), bias != nullptr ? bias[k] : 0.0f);
    for (std::int64_t c = 0; c < group_channels(); ++c) {
      const float* in = images + c * x_plane();
      const float* kernel = w + (k * group_channels() + c) * taps();
      each_row([&](std::int64_t tap, std::int64_t from, std::int64_t to, std::int64_t count) {
        const float weight = kernel[tap];
#pragma omp simd
        for (std::int64_t q = 0; q < count; ++q) {
          out[to + q] += weight * in[from + q * stride];
        }
      });
    }
    if (problem_.relu) {
      std::transform(out, out + y_plane(), out, [](float value) { return std::max(value, 0.0f); });
    }
  }
}

// db += sum dy; dw += x (*) dy; dx = dy (*) w
void PlainConvolution::backward(Context&, const ConvolutionGradients& arguments) const {
  check(problem_.backward, kOp, ": backward was called, but not planned");
  const float* dy = arguments.dy.as<float>();
  if (arguments.db) {
    add_db(dy, arguments.db.as<float>());
  }
  if (arguments.dw) {
    add_dw(arguments.x.as<float>(), dy, arguments.dw.as<float>());
  }
  if (arguments.dx) {
    compute_dx(dy, static_cast<const float*>(arguments.packed.data), arguments.dx.as<float>());
  }
}

void PlainConvolution::compute_dx(const float* dy, const float* w, float* dx) const {
  const std::int64_t planes = x_.shape[0] * channels();
  const std::int64_t stride = problem_.window.stride_w;
#pragma omp parallel for
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    const std::int64_t c = plane % channels();
    const std::int64_t first = c / group_channels() * group_outputs();
    float* out = dx + plane * x_plane();
    std::fill(out, out + x_plane(), 0.0f);
    for (std::int64_t k = first; k < first + group_outputs(); ++k) {
      const float* in = dy + (plane / channels() * problem_.out_channels + k) * y_plane();
      const float* kernel = w + (k * group_channels() + c % group_channels()) * taps();
      each_row([&](std::int64_t tap, std::int64_t to, std::int64_t from, std::int64_t count) {
        const float weight = kernel[tap];
#pragma omp simd
        for (std::int64_t q = 0; q < count; ++q) {
          out[to + q * stride] += weight * in[from + q];
        }
      });
    }
  }
}

void PlainConvolution::add_dw(const float* x, const float* dy, float* dw) const {
  const std::int64_t pairs = problem_.out_channels * group_channels();
  const std::int64_t stride = problem_.window.stride_w;
#pragma omp parallel for
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const std::int64_t k = pair / group_channels();
    const std::int64_t c = k / group_outputs() * group_channels() + pair % group_channels();
    float* sums = dw + pair * taps();
    for (std::int64_t n = 0; n < x_.shape[0]; ++n) {
      const float* image = x + (n * channels() + c) * x_plane();
      const float* gradient = dy + (n * problem_.out_channels + k) * y_plane();
      each_row([&](std::int64_t tap, std::int64_t from, std::int64_t to, std::int64_t count) {
        float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t q = 0; q < count; ++q) {
          sum += image[from + q * stride] * gradient[to + q];
        }
        sums[tap] += sum;
      });
    }
  }
}

void PlainConvolution::add_db(const float* dy, float* db) const {
  const std::int64_t outputs = problem_.out_channels;
#pragma omp parallel for
  for (std::int64_t k = 0; k < outputs; ++k) {
    float sum = 0.0f;
    for (std::int64_t n = 0; n < x_.shape[0]; ++n) {
      const float* plane = dy + (n * outputs + k) * y_plane();
#pragma omp simd reduction(+ : sum)
      for (std::int64_t i = 0; i < y_plane(); ++i) {
        sum += plane[i];
      }
    }
    db[k] += sum;
  }
}

}  // namespace

std::unique_ptr<ConvolutionKernel> plan_plain_convolution(const ConvolutionProblem& problem) {
  return std::make_unique<PlainConvolution>(problem);
}

}  // namespace lrcn
