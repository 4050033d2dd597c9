// What an LSTM carries from step to step and from call to call, and what it forgets.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/lstm_suites.h"

namespace lrcn::test {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// The carried state makes three short sequences out of a long one. The input product of the long
// sequence covers all its rows at once and may round differently, hence a bound and not equal bits.
TEST_P(LstmState, ThreeStepsAtOnceEqualThreeTimesOne) {
  const LstmData data = random_lstm(with(training(3, 5, 9, 37), true, true, true));
  LstmRun whole(backend(), data);
  whole.forward();
  const std::vector<float> y = floats_of(whole.forward_arguments().y);
  LstmData step = data;
  step.problem.steps = 1;
  const std::int64_t in = 5 * 9;
  const std::int64_t out = 5 * 37;
  for (int t = 0; t < 3; ++t) {
    step.x.assign(data.x.begin() + t * in, data.x.begin() + (t + 1) * in);
    step.cont.assign(data.cont.begin() + t * 5, data.cont.begin() + (t + 1) * 5);
    step.dy.assign(std::size_t(out), 0.0);
    LstmRun one(backend(), step);
    one.forward();
    expect_near(floats_of(one.forward_arguments().y),
                std::vector<float>(y.begin() + t * out, y.begin() + (t + 1) * out), 5e-7);
    step.h0 = to_doubles(floats_of(one.forward_arguments().h_last));
    step.c0 = to_doubles(floats_of(one.forward_arguments().c_last));
  }
  expect_near(floats_of(whole.forward_arguments().h_last), step.h0, 5e-7);
  expect_near(floats_of(whole.forward_arguments().c_last), step.c0, 1e-6);
}

// Without x the long sequence does the same operations as the short ones.
TEST_P(LstmState, ThreeStepsWithoutInputsEqualThreeTimesOneBitForBit) {
  if (backend().algorithm == LstmAlgorithm::persistent) {
    GTEST_SKIP() << "a single step is taken by other kernels than a sequence";
  }
  const LstmData data = random_lstm(
      {.steps = 3, .batch = 5, .units = 37, .static_gates = true, .initial_state = true});
  expect_steps_one_by_one_to_agree(backend(), data);
}

TEST_P(LstmState, StateMayBeOverwrittenInPlace) {
  for (const bool backward : {false, true}) {
    LstmProblem problem = with(training(2, 3, 4, 18), true, false, true);
    problem.backward = problem.input_gradient = backward;
    const LstmData data = random_lstm(problem);
    LstmRun apart(backend(), data);
    LstmRun in_place(backend(), data);
    in_place.forward_arguments().h_last = in_place.forward_arguments().h0;
    in_place.forward_arguments().c_last = in_place.forward_arguments().c0;
    apart.forward();
    in_place.forward();
    expect_same_bits(floats_of(apart.forward_arguments().h_last),
                     floats_of(in_place.forward_arguments().h0));
    expect_same_bits(floats_of(apart.forward_arguments().c_last),
                     floats_of(in_place.forward_arguments().c0));
    if (backward) {
      apart.backward();
      in_place.backward();
      expect_same_bits(floats_of(apart.backward_arguments().gradients.weight_hh),
                       floats_of(in_place.backward_arguments().gradients.weight_hh));
    }
  }
}

TEST_P(LstmState, NanInForgottenStateDoesNotLeak) {
  LstmData data = random_lstm(with(training(2, 6, 5, 19), true, false, true));
  data.cont = {0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1};
  LstmRun clean(backend(), data);
  clean.forward();
  clean.backward();
  for (const int n : {0, 2, 5}) {
    for (int j = 0; j < 19; ++j) {
      data.h0[std::size_t(n * 19 + j)] = kNaN;
      data.c0[std::size_t(n * 19 + j)] = std::numeric_limits<float>::infinity();
    }
  }
  LstmRun poisoned(backend(), data);
  poisoned.forward();
  poisoned.backward();
  expect_same_bits(floats_of(clean.forward_arguments().y),
                   floats_of(poisoned.forward_arguments().y));
  const LstmBackward& want = clean.backward_arguments();
  const LstmBackward& got = poisoned.backward_arguments();
  expect_same_bits(floats_of(want.dx), floats_of(got.dx));
  expect_same_bits(floats_of(want.dh0), floats_of(got.dh0));
  expect_same_bits(floats_of(want.gradients.weight_hh), floats_of(got.gradients.weight_hh));
  for (const float v : floats_of(got.dc0)) {
    EXPECT_TRUE(std::isfinite(v));
  }
}

TEST_P(LstmState, NanOfAnEarlierStepEndsWhereTheNextSequenceStarts) {
  LstmData data = random_lstm(with(training(3, 2, 4, 17), true, false, false));
  data.problem.backward = data.problem.input_gradient = false;
  data.cont = {0, 0, 1, 1, 0, 1};
  data.x[0] = kNaN;  // step 0, row 0
  LstmRun run(backend(), data);
  run.forward();
  const std::vector<float> y = floats_of(run.forward_arguments().y);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_TRUE(std::isnan(y[2 * 17]));  // step 1, row 0 continues it
  for (std::size_t i = 4 * 17; i < 6 * 17; ++i) {
    EXPECT_FALSE(std::isnan(y[i])) << i;
  }
}

TEST_P(LstmState, ContOfAllOnesEqualsNoCont) {
  LstmData data = random_lstm(with(training(4, 3, 6, 21), false, false, true));
  LstmRun without(backend(), data);
  data.problem.cont = true;
  data.cont.assign(12, 1.0);
  LstmRun ones(backend(), data);
  for (LstmRun* run : {&without, &ones}) {
    run->forward();
    run->backward();
  }
  expect_same_bits(floats_of(without.forward_arguments().y), floats_of(ones.forward_arguments().y));
  expect_same_bits(floats_of(without.backward_arguments().dx),
                   floats_of(ones.backward_arguments().dx));
  expect_same_bits(floats_of(without.backward_arguments().gradients.weight_hh),
                   floats_of(ones.backward_arguments().gradients.weight_hh));
}

INSTANTIATE_TEST_SUITE_P(Cpu, LstmState, testing::Values(LstmBackend{}), name_of);

}  // namespace
}  // namespace lrcn::test
