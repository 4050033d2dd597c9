#include "kernels/softmax.h"

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/softmax_row.h"

namespace lrcn::cpu {
namespace {

// f(row, width) for the offset of every row.
template <class F>
void each_row(const SoftmaxRows& rows, const F& f) {
  for_rows(rows.count, rows.width, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      f(r * rows.width, rows.width);
    }
  });
}

double dot(const float* a, const float* b, std::int64_t size) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < size; ++i) {
    sum += double(a[i]) * double(b[i]);
  }
  return sum;
}

double total(const float* a, std::int64_t size) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < size; ++i) {
    sum += double(a[i]);
  }
  return sum;
}

}  // namespace

void softmax_forward(Context&, Tensor x, Tensor y) {
  const SoftmaxRows rows = check_softmax("softmax_forward", x, {y});
  const float* in = x.as<float>();
  float* out = y.as<float>();
  each_row(rows, [=](std::int64_t row, std::int64_t width) {
    const double sum = row_exp(in + row, width, row_max(in + row, width), out + row);
    const float factor = float(1.0 / sum);
#pragma omp simd
    for (std::int64_t v = row; v < row + width; ++v) {
      out[v] *= factor;
    }
  });
}

void softmax_backward(Context&, Tensor y, Tensor dy, Tensor dx) {
  const SoftmaxRows rows = check_softmax("softmax_backward", y, {dy, dx});
  const float* out = y.as<float>();
  const float* from = dy.as<float>();
  float* to = dx.as<float>();
  each_row(rows, [=](std::int64_t row, std::int64_t width) {
    const float mean = float(dot(out + row, from + row, width));
#pragma omp simd
    for (std::int64_t v = row; v < row + width; ++v) {
      to[v] = out[v] * (from[v] - mean);
    }
  });
}

void log_softmax_forward(Context&, Tensor x, Tensor y) {
  const SoftmaxRows rows = check_softmax("log_softmax_forward", x, {y});
  const float* in = x.as<float>();
  float* out = y.as<float>();
  each_row(rows, [=](std::int64_t row, std::int64_t width) {
    const float largest = row_max(in + row, width);
    const float log_sum = float(std::log(row_exp_sum(in + row, width, largest)));
#pragma omp simd
    for (std::int64_t v = row; v < row + width; ++v) {
      out[v] = (in[v] - largest) - log_sum;
    }
  });
}

void log_softmax_backward(Context&, Tensor y, Tensor dy, Tensor dx) {
  const SoftmaxRows rows = check_softmax("log_softmax_backward", y, {dy, dx});
  const float* out = y.as<float>();
  const float* from = dy.as<float>();
  float* to = dx.as<float>();
  each_row(rows, [=](std::int64_t row, std::int64_t width) {
    const float sum = float(total(from + row, width));
#pragma omp simd
    for (std::int64_t v = row; v < row + width; ++v) {
      to[v] = multiply_add(-vector_exp(out[v]), sum, from[v]);
    }
  });
}

}  // namespace lrcn::cpu
