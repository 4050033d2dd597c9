#include "kernels/reduce.h"

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/check_tensor.h"
#include "kernels/cpu/padding.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {
namespace {

constexpr std::uint32_t kMagnitude = 0x7fffffffu;
constexpr std::uint32_t kOneExponent = 0x00800000u;

const float* check_input(const char* op, const Tensor& x) {
  check_floats(op, "x", x);
  return x.as<float>();
}

float* check_result(const char* op, const Tensor& result) {
  check_plain(op, "result", result, DType::f32, {1});
  return result.as<float>();
}

// Sum of f(x) in double, in four runs side by side so that additions need not wait for each other.
template <class F>
double sum_part(const float* x, std::int64_t begin, std::int64_t end, const F& f) {
  const std::int64_t run = (end - begin) / 4;
  const float* first = x + begin;
  double sum0 = 0.0, sum1 = 0.0, sum2 = 0.0, sum3 = 0.0;
#pragma omp simd reduction(+ : sum0, sum1, sum2, sum3)
  for (std::int64_t i = 0; i < run; ++i) {
    sum0 += f(double(first[i]));
    sum1 += f(double(first[run + i]));
    sum2 += f(double(first[2 * run + i]));
    sum3 += f(double(first[3 * run + i]));
  }
  for (std::int64_t i = begin + 4 * run; i < end; ++i) {
    sum3 += f(double(x[i]));
  }
  return (sum0 + sum1) + (sum2 + sum3);
}

template <class F>
double sum_over(const float* x, std::int64_t size, const F& f) {
  return reduce_chunks<double>(
      size, kChunk,
      [=](std::int64_t begin, std::int64_t end) { return sum_part(x, begin, end, f); },
      [](double a, double b) { return a + b; });
}

double squares_over(const float* x, std::int64_t size) {
  return sum_over(x, size, [](double v) { return v * v; });
}

std::uint32_t largest_magnitude(const float* x, std::int64_t size) {
  std::uint32_t most = 0;
#pragma omp simd reduction(max : most)
  for (std::int64_t i = 0; i < size; ++i) {
    most = std::max(most, std::bit_cast<std::uint32_t>(x[i]) & kMagnitude);
  }
  return most;
}

struct NonFinite {
  std::int64_t count = 0;
  std::int64_t first = -1;
};

// 1 when x is NaN or infinite: its exponent is full, and one more carries into the sign's place.
std::int32_t is_non_finite(float x) {
  const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(x) & kMagnitude;
  return std::int32_t((magnitude + kOneExponent) >> 31);
}

std::int32_t count_non_finite(const float* x, std::int64_t size) {
  std::int32_t count = 0;
#pragma omp simd reduction(+ : count)
  for (std::int64_t i = 0; i < size; ++i) {
    count += is_non_finite(x[i]);
  }
  return count;
}

}  // namespace

void sum_of_values(Context&, Tensor x, Tensor result) {
  const float* in = check_input("sum_of_values", x);
  float* out = check_result("sum_of_values", result);
  *out = float(sum_over(in, memory_elements(x), [](double v) { return v; }));
}

void sum_of_squares(Context&, Tensor x, Tensor result) {
  const float* in = check_input("sum_of_squares", x);
  float* out = check_result("sum_of_squares", result);
  *out = float(squares_over(in, memory_elements(x)));
}

void l2_norm_of(Context&, Tensor x, Tensor result) {
  const float* in = check_input("l2_norm_of", x);
  float* out = check_result("l2_norm_of", result);
  *out = float(std::sqrt(squares_over(in, memory_elements(x))));
}

void max_abs_of(Context&, Tensor x, Tensor result) {
  const float* in = check_input("max_abs_of", x);
  float* out = check_result("max_abs_of", result);
  // As integers magnitudes are ordered like floats, with NaN above infinity.
  const auto largest = reduce_chunks<std::uint32_t>(
      memory_elements(x), kChunk,
      [=](std::int64_t begin, std::int64_t end) {
        return largest_magnitude(in + begin, end - begin);
      },
      [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); });
  *out = std::bit_cast<float>(largest);
}

void count_non_finite(Context&, Tensor x, Tensor result) {
  check_count_non_finite(x, result);
  const float* in = x.as<float>();
  const NonFinite found = reduce_chunks<NonFinite>(
      memory_elements(x), kChunk,
      [=](std::int64_t begin, std::int64_t end) {
        const std::int32_t count = count_non_finite(in + begin, end - begin);
        NonFinite part{count, -1};
        if (count > 0) {
          part.first =
              std::find_if(in + begin, in + end, [](float v) { return is_non_finite(v) != 0; }) -
              in;
        }
        return part;
      },
      [](const NonFinite& a, const NonFinite& b) {
        return NonFinite{a.count + b.count, a.count > 0 ? a.first : b.first};
      });
  std::int32_t* out = result.as<std::int32_t>();
  out[0] = std::int32_t(found.count);
  out[1] = found.count > 0 ? std::int32_t(found.first) : -1;
}

void clip_values(Context&, Tensor x, float limit) {
  check_input("clip_values", x);
  check(limit >= 0.0f, "clip_values: limit must be >= 0, got ", limit);
  float* data = x.as<float>();
  for_chunks(memory_elements(x), kChunk, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      // A NaN fails both comparisons and stays.
      const float below = data[i] > limit ? limit : data[i];
      data[i] = below < -limit ? -limit : below;
    }
  });
}

void clip_norm(Context& context, Tensor x, Tensor norm, const ClipNormOptions& options) {
  const float* in = check_input("clip_norm", x);
  float* out = check_result("clip_norm", norm);
  check(options.max_norm >= 0.0f, "clip_norm: max_norm must be >= 0, got ", options.max_norm);
  const double scale = options.gradient_scale;
  const double length = std::fabs(scale) * std::sqrt(squares_over(in, memory_elements(x)));
  const double limit = options.max_norm;
  const double factor = limit > 0.0 && length > limit ? limit / length : 1.0;
  context.step_state_memory()->gradient_scale =
      std::isfinite(length) ? float(scale * factor) : std::numeric_limits<float>::quiet_NaN();
  *out = float(length);
}

}  // namespace lrcn::cpu
