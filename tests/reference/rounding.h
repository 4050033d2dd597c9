// Rounding to formats of fewer bits, by way of double precision.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/precision.h"

namespace lrcn::test {

// x to nearest, ties to even, without its last `dropped` bits of mantissa.
inline float without_bits(float x, int dropped) {
  if (!std::isfinite(x) || x == 0.0f) {
    return x;
  }
  const int exponent = std::max(std::ilogb(x), -126);
  const double unit = std::ldexp(1.0, exponent - 23 + dropped);
  return float(std::nearbyint(double(x) / unit) * unit);
}

inline float rounded(float x, Precision precision) {
  return precision == Precision::f32 ? x : without_bits(x, precision == Precision::bf16 ? 16 : 13);
}

}  // namespace lrcn::test
