// LSTM sequences whose activations are bf16 in memory.
#pragma once

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "tests/kernels/lstm_suites.h"

namespace lrcn::test {

inline constexpr double kUnit = 1.0 / 512;  // the most that rounding to bf16 changes, relatively

inline double rounded(double x) { return double(to_float(to_bfloat16(float(x)))); }

inline LstmProblem in_bf16(LstmProblem problem) {
  problem.precision = Precision::bf16;
  problem.dtype = DType::bf16;
  return problem;
}

// What is bf16 in memory, and what cuDNN or tensor cores make bf16 of, has no digits beyond.
inline LstmData random_in_bf16(const LstmProblem& problem) {
  LstmData data = random_lstm(in_bf16(problem));
  for (Doubles* values : {&data.x, &data.static_gates, &data.weight_ih, &data.weight_hh, &data.bias,
                          &data.h0, &data.c0, &data.dy, &data.dh_last, &data.dc_last}) {
    std::transform(values->begin(), values->end(), values->begin(), rounded);
  }
  return data;
}

// |got - want| <= units * kUnit * the largest |want|
inline void expect_within(const std::vector<float>& got, const Doubles& want, double units,
                          const char* name) {
  ASSERT_EQ(got.size(), want.size()) << name;
  double largest = 0.0;
  for (const double v : want) {
    largest = std::max(largest, std::abs(v));
  }
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], want[i], units * kUnit * largest) << name << " at " << i;
  }
}

class LstmInBf16Memory : public LstmSuite<std::tuple<LstmBackend, LstmProblem>> {
 protected:
  LstmProblem problem() const { return std::get<1>(GetParam()); }
};

}  // namespace lrcn::test
