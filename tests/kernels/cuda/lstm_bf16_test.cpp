// The LSTM of a CUDA device, real or emulated, where activations are bf16 in memory.
#include "tests/kernels/cuda/lstm_bf16.h"

#include "kernels/cuda/lstm_persistent.h"
#include "kernels/cuda/lstm_sequence.h"

namespace lrcn::test {
namespace {

std::unique_ptr<LstmKernel> plan_parts(Context& context, const LstmProblem& problem) {
  return cuda::plan_lstm(context, problem,
                         {.blocks = 15,
                          .shared_bytes = std::size_t(64) << 10,
                          .threads = 128,
                          .parts = problem.units >= 8 ? 2 : 0});
}

const LstmBackend kBackends[] = {
    {.name = "Stepwise", .device = Device::cuda(0), .algorithm = LstmAlgorithm::stepwise},
    {.name = "Persistent", .device = Device::cuda(0), .algorithm = LstmAlgorithm::persistent},
    {.name = "TwoParts",
     .device = Device::cuda(0),
     .algorithm = LstmAlgorithm::persistent,
     .plan = plan_parts},
};

const LstmProblem kProblems[] = {
    training(1, 1, 1, 1),
    with(training(7, 5, 24, 33), true, true, true),
    with(training(4, 5, 33, 24), false, false, true),
    with(training(3, 33, 40, 65), true, true, false),
    with(training(6, 3, 0, 17), false, true, false),
};

TEST_P(LstmInBf16Memory, AgreesWithTheReference) {
  const LstmData data = random_in_bf16(problem());
  const LstmValues want = reference::lstm_forward(data);
  const LstmGradients gradients = reference::lstm_backward(data);
  LstmRun run(backend(), data);
  run.forward();
  run.backward();
  const double steps = double(problem().steps);
  // A value is rounded itself, and so is what the last step made it of. Of earlier roundings half
  // of a unit for each step is ample: among the H terms of a sum they cancel, and forget gates fade
  // them. Backward reads gates that forward has rounded.
  const double forward = 2.0 + 0.5 * steps;
  const double backward = 3.0 + 0.5 * steps;
  const LstmForward& values = run.forward_arguments();
  const LstmBackward& got = run.backward_arguments();
  expect_within(floats_of(values.y), want.y, forward, "y");
  expect_within(floats_of(values.h_last), want.h_last, forward, "h_last");
  expect_within(floats_of(values.c_last), want.c_last, forward, "c_last");
  if (problem().inputs > 0) {
    expect_within(floats_of(got.dx), gradients.dx, backward, "dx");
    expect_within(LstmRun::added(got.gradients.weight_ih), gradients.weight_ih, backward,
                  "weight_ih");
  }
  expect_within(LstmRun::added(got.gradients.weight_hh), gradients.weight_hh, backward,
                "weight_hh");
  expect_within(LstmRun::added(got.gradients.bias), gradients.bias, backward, "bias");
  if (backend().dstatic_gates) {
    expect_within(floats_of(got.dstatic_gates), gradients.dstatic_gates, backward, "dstatic_gates");
  }
  if (problem().initial_state) {
    expect_within(floats_of(got.dh0), gradients.dh0, backward, "dh0");
    expect_within(floats_of(got.dc0), gradients.dc0, backward, "dc0");
  }
}

class LstmBitsInBf16Memory : public LstmInBf16Memory {};

TEST_P(LstmBitsInBf16Memory, EvaluationGivesTheOutputsOfTraining) {
  LstmData data = random_in_bf16(problem());
  LstmRun training_run(backend(), data);
  training_run.forward();
  data.problem.backward = data.problem.input_gradient = false;
  LstmRun evaluation(backend(), data);
  evaluation.forward();
  EXPECT_EQ(evaluation.kernel().saved_bytes(), 0u);
  for (const auto output : {&LstmForward::y, &LstmForward::h_last, &LstmForward::c_last}) {
    expect_same_bits(floats_of(evaluation.forward_arguments().*output),
                     floats_of(training_run.forward_arguments().*output));
  }
}

TEST_P(LstmBitsInBf16Memory, DoesNotDependOnTheOrderOfThreads) {
  const LstmData data = random_in_bf16(problem());
  const auto once = [&](int order) {
    LstmBackend ordered = backend();
    ordered.order = order;
    LstmRun run(ordered, data);
    run.forward();
    run.backward();
    return results_of(run);
  };
  const std::vector<float> want = once(0);
  for (int order = 1; order < kThreadOrders; ++order) {
    expect_same_bits(once(order), want);
  }
}

INSTANTIATE_TEST_SUITE_P(Cuda, LstmInBf16Memory,
                         testing::Combine(testing::ValuesIn(kBackends),
                                          testing::ValuesIn(kProblems)));
INSTANTIATE_TEST_SUITE_P(Cuda, LstmBitsInBf16Memory,
                         testing::Combine(testing::ValuesIn(kBackends),
                                          testing::ValuesIn(kProblems)));

class LstmInBf16 : public LstmSuite<LstmBackend> {};

TEST_P(LstmInBf16, TakesHalfOfTheMemoryOfGates) {
  const LstmData data = random_in_bf16(training(8, 16, 24, 40));
  LstmData wide = data;
  wide.problem.dtype = DType::f32;
  const std::size_t rows = 8 * 16;
  EXPECT_EQ(LstmRun(backend(), wide).kernel().saved_bytes(), rows * 40 * (4 * 4 + 4));
  EXPECT_EQ(LstmRun(backend(), data).kernel().saved_bytes(), rows * 40 * (4 * 2 + 4));
}

// The state is f32, but what a step multiplies is what it left in y.
TEST_P(LstmInBf16, ThreeStepsEqualThreeTimesOneBitForBit) {
  if (backend().algorithm == LstmAlgorithm::persistent) {
    GTEST_SKIP() << "a single step is taken by other kernels than a sequence";
  }
  const LstmData data = random_in_bf16(
      {.steps = 3, .batch = 5, .units = 37, .static_gates = true, .initial_state = true});
  expect_steps_one_by_one_to_agree(backend(), data);
}

TEST_P(LstmInBf16, NanInForgottenStateDoesNotLeak) {
  LstmData data = random_in_bf16(with(training(3, 6, 5, 19), true, false, true));
  data.cont = {0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1};
  LstmRun clean(backend(), data);
  for (const int n : {0, 2, 5}) {
    for (int j = 0; j < 19; ++j) {
      data.h0[std::size_t(n * 19 + j)] = std::numeric_limits<double>::quiet_NaN();
      data.c0[std::size_t(n * 19 + j)] = std::numeric_limits<double>::infinity();
    }
  }
  LstmRun poisoned(backend(), data);
  for (LstmRun* run : {&clean, &poisoned}) {
    run->forward();
    run->backward();
  }
  expect_same_bits(floats_of(clean.forward_arguments().y),
                   floats_of(poisoned.forward_arguments().y));
  const LstmBackward& want = clean.backward_arguments();
  const LstmBackward& got = poisoned.backward_arguments();
  expect_same_bits(floats_of(want.dx), floats_of(got.dx));
  expect_same_bits(floats_of(want.dh0), floats_of(got.dh0));
  expect_same_bits(floats_of(want.gradients.weight_hh), floats_of(got.gradients.weight_hh));
}

TEST_P(LstmInBf16, SequenceGradientMayBeAbsent) {
  LstmData data = random_in_bf16(with(training(4, 5, 3, 21), true, false, true));
  std::fill(data.dy.begin(), data.dy.end(), 0.0);
  LstmRun zero(backend(), data);
  LstmRun absent(backend(), data);
  absent.backward_arguments().dy = {};
  for (LstmRun* run : {&zero, &absent}) {
    run->forward();
    run->backward();
  }
  expect_same_bits(floats_of(absent.backward_arguments().dx),
                   floats_of(zero.backward_arguments().dx));
  expect_same_bits(floats_of(absent.backward_arguments().dh0),
                   floats_of(zero.backward_arguments().dh0));
}

TEST_P(LstmInBf16, RefusesAMixtureOfTypes) {
  Context context(backend().device);
  LstmProblem imprecise = in_bf16(training(2, 3, 4, 5));
  imprecise.precision = Precision::f32;
  EXPECT_THROW(plan_lstm(context, imprecise), ArgumentError);
  LstmProblem integers = in_bf16(training(2, 3, 4, 5));
  integers.dtype = DType::i32;
  EXPECT_THROW(plan_lstm(context, integers), ArgumentError);

  const LstmData data = random_in_bf16(with(training(2, 3, 4, 5), false, true, true));
  LstmData wide_data = data;
  wide_data.problem.dtype = DType::f32;
  LstmRun run(backend(), data);
  LstmRun wide(backend(), wide_data);
  run.forward();
  const LstmForward good = run.forward_arguments();
  for (const auto member : {&LstmForward::x, &LstmForward::static_gates, &LstmForward::y}) {
    LstmForward arguments = good;
    arguments.*member = wide.forward_arguments().*member;
    EXPECT_THROW(run.kernel().forward(run.context(), arguments), ArgumentError);
  }
  for (const auto member : {&LstmBackward::dy, &LstmBackward::dx, &LstmBackward::dstatic_gates}) {
    LstmBackward arguments = run.backward_arguments();
    arguments.forward = good;
    arguments.*member = wide.backward_arguments().*member;
    EXPECT_THROW(run.kernel().backward(run.context(), arguments), ArgumentError);
  }
}

INSTANTIATE_TEST_SUITE_P(Cuda, LstmInBf16, testing::Values(kBackends[0], kBackends[1]), name_of);

}  // namespace
}  // namespace lrcn::test
