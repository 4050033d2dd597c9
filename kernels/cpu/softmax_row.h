// The parts of a numerically safe softmax over one row of floats.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/vector_math.h"

namespace lrcn::cpu {

// Elements summed in float before the sum goes on in double.
inline constexpr std::int64_t kSumBlock = 512;

// The largest element; NaN is passed over, -inf for a row of nothing else.
inline float row_max(const float* x, std::int64_t size) {
  float largest = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : largest)
  for (std::int64_t i = 0; i < size; ++i) {
    largest = x[i] > largest ? x[i] : largest;
  }
  return largest;
}

// Sum of exp((x - shift) factor).
inline double row_exp_sum(const float* x, std::int64_t size, float shift, float factor = 1.0f) {
  double total = 0.0;
  for (std::int64_t begin = 0; begin < size; begin += kSumBlock) {
    const std::int64_t end = std::min(size, begin + kSumBlock);
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = begin; i < end; ++i) {
      sum += vector_exp((x[i] - shift) * factor);
    }
    total += sum;
  }
  return total;
}

// y = exp(x - shift); returns its sum. y may be x.
inline double row_exp(const float* x, std::int64_t size, float shift, float* y) {
  double total = 0.0;
  for (std::int64_t begin = 0; begin < size; begin += kSumBlock) {
    const std::int64_t end = std::min(size, begin + kSumBlock);
    float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = begin; i < end; ++i) {
      const float e = vector_exp(x[i] - shift);
      y[i] = e;
      sum += e;
    }
    total += sum;
  }
  return total;
}

// Position of the first element equal to value; size when there is none.
inline std::int64_t first_equal(const float* x, std::int64_t size, float value) {
  for (std::int64_t begin = 0; begin < size; begin += kSumBlock) {
    const std::int64_t end = std::min(size, begin + kSumBlock);
    int found = 0;
#pragma omp simd reduction(| : found)
    for (std::int64_t i = begin; i < end; ++i) {
      found |= int(x[i] == value);
    }
    if (found != 0) {
      return std::find(x + begin, x + end, value) - x;
    }
  }
  return size;
}

}  // namespace lrcn::cpu
