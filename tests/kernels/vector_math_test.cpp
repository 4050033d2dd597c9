#include "kernels/vector_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace lrcn {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Error in units of the last place of `want` rounded to float; denormals count in their spacing.
double ulps(float got, double want) {
  const auto rounded = float(want);
  if (std::isinf(rounded) || std::isinf(got)) {
    return got == rounded ? 0.0 : kInf;
  }
  const double unit =
      std::max(std::ldexp(1.0, -149), std::ldexp(1.0, std::ilogb(std::max(1e-300, want)) - 23));
  return std::abs(double(got) - want) / unit;
}

// Every 1009th finite float of both signs, in blocks so that the loop is the vectorised one.
template <class F, class Reference>
double largest_error(const F& f, const Reference& reference) {
  double worst = 0.0;
  std::vector<float> x, y;
  for (std::uint64_t bits = 0; bits < (std::uint64_t(1) << 32);) {
    x.clear();
    for (; x.size() < 1000 && bits < (std::uint64_t(1) << 32); bits += 1009) {
      const auto value = std::bit_cast<float>(std::uint32_t(bits));
      if (std::isfinite(value)) {
        x.push_back(value);
      }
    }
    y.resize(x.size());
#pragma omp simd
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[i] = f(x[i]);
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double want = reference(double(x[i]));
      worst = std::max(worst, ulps(std::copysign(y[i], 1.0f), std::abs(want)));
      if (std::signbit(y[i]) != std::signbit(want)) {
        worst = kInf;
      }
    }
  }
  return worst;
}

TEST(VectorMath, ExpIsWithinOneUlpOverAllFloats) {
  EXPECT_LE(largest_error([](float x) { return vector_exp(x); },
                          [](double x) { return std::exp(x); }),
            1.1);
}

TEST(VectorMath, SigmoidIsWithinTwoAndAHalfUlpOverAllFloats) {
  EXPECT_LE(largest_error([](float x) { return vector_sigmoid(x); },
                          [](double x) { return 1.0 / (1.0 + std::exp(-x)); }),
            2.5);
}

TEST(VectorMath, TanhIsWithinTwoAndAHalfUlpOverAllFloats) {
  EXPECT_LE(largest_error([](float x) { return vector_tanh(x); },
                          [](double x) { return std::tanh(x); }),
            2.5);
}

TEST(VectorMath, LimitsAtInfinityAreExact) {
  EXPECT_EQ(vector_exp(kInf), kInf);
  EXPECT_EQ(vector_exp(-kInf), 0.0f);
  EXPECT_EQ(vector_exp(0.0f), 1.0f);
  EXPECT_EQ(vector_sigmoid(kInf), 1.0f);
  EXPECT_EQ(vector_sigmoid(-kInf), 0.0f);
  EXPECT_EQ(vector_sigmoid(0.0f), 0.5f);
  EXPECT_EQ(vector_tanh(kInf), 1.0f);
  EXPECT_EQ(vector_tanh(-kInf), -1.0f);
  EXPECT_EQ(vector_tanh(0.0f), 0.0f);
}

TEST(VectorMath, NanStaysNan) {
  for (const float x : {kNaN, -kNaN, std::bit_cast<float>(0x7f800001u)}) {
    EXPECT_TRUE(std::isnan(vector_exp(x)));
    EXPECT_TRUE(std::isnan(vector_sigmoid(x)));
    EXPECT_TRUE(std::isnan(vector_tanh(x)));
  }
}

}  // namespace
}  // namespace lrcn
