// The tests of LSTM sequences that every backend has to pass. Backends are instantiated next to the
// tests for the CPU, and in tests/kernels/cuda for CUDA.
#pragma once

#include <string>
#include <tuple>

#include "tests/kernels/lstm_run.h"

namespace lrcn::test {

// Skipped, with the reason, where the device is absent.
inline std::string problem_of(const LstmBackend& backend) {
  try {
    const Context context(backend.device);
    return backend.missing == nullptr ? std::string() : backend.missing();
  } catch (const DeviceError& error) {
    return error.what();
  }
}

template <class Parameter>
class LstmSuite : public testing::TestWithParam<Parameter> {
 protected:
  void SetUp() override {
    if (const std::string problem = problem_of(backend()); !problem.empty()) {
      GTEST_SKIP() << problem;
    }
  }

  const LstmBackend& backend() const {
    if constexpr (std::is_same_v<Parameter, LstmBackend>) {
      return this->GetParam();
    } else {
      return std::get<0>(this->GetParam());
    }
  }
};

class Lstm : public LstmSuite<LstmBackend> {};
class LstmState : public LstmSuite<LstmBackend> {};
class LstmVectors : public LstmSuite<LstmBackend> {};

class LstmSequence : public LstmSuite<std::tuple<LstmBackend, LstmProblem>> {
 protected:
  LstmProblem problem() const { return std::get<1>(GetParam()); }
};

inline const LstmProblem kLstmProblems[] = {
    training(1, 1, 1, 1),
    training(3, 2, 0, 5),
    training(2, 5, 3, 16),
    training(4, 6, 31, 17),
    with(training(3, 7, 32, 31), true, false, false),
    with(training(5, 1, 33, 32), true, false, true),
    with(training(1, 13, 8, 33), true, true, true),
    with(training(6, 12, 10, 48), false, true, true),
    with(training(3, 25, 0, 20), true, true, true),
    with(training(3, 4, 7, 100), false, false, true),
    with(training(4, 33, 70, 65), true, true, false),
};

inline std::string name_of(const testing::TestParamInfo<LstmBackend>& info) {
  return info.param.name;
}

}  // namespace lrcn::test
