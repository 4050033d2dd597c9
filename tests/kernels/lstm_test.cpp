#include <gtest/gtest.h>

#include "tests/kernels/lstm_suites.h"

namespace lrcn::test {
namespace {

TEST_P(LstmSequence, ForwardAgreesWithTheReference) {
  const LstmData data = random_lstm(problem());
  const LstmValues want = reference::lstm_forward(data);
  LstmRun run(backend(), data);
  run.forward();
  expect_near(floats_of(run.forward_arguments().y), want.y, 3e-6);
  expect_near(floats_of(run.forward_arguments().h_last), want.h_last, 3e-6);
  expect_near(floats_of(run.forward_arguments().c_last), want.c_last, 5e-6);
}

TEST_P(LstmSequence, GradientsAgreeWithTheReference) {
  const LstmData data = random_lstm(problem());
  const LstmGradients want = reference::lstm_backward(data);
  LstmRun run(backend(), data);
  run.forward();
  run.backward();
  const LstmBackward& got = run.backward_arguments();
  if (problem().input_gradient) {
    expect_near(floats_of(got.dx), want.dx, 1e-5, 1e-5);
    expect_near(LstmRun::added(got.gradients.weight_ih), want.weight_ih, 2e-5, 2e-5);
  }
  if (backend().dstatic_gates) {
    expect_near(floats_of(got.dstatic_gates), want.dstatic_gates, 1e-5, 1e-5);
  }
  expect_near(LstmRun::added(got.gradients.weight_hh), want.weight_hh, 2e-5, 2e-5);
  expect_near(LstmRun::added(got.gradients.bias), want.bias, 2e-5, 2e-5);
  if (problem().initial_state) {
    expect_near(floats_of(got.dh0), want.dh0, 1e-5, 1e-5);
    expect_near(floats_of(got.dc0), want.dc0, 1e-5, 1e-5);
  }
}

TEST_P(LstmSequence, EvaluationGivesTheOutputsOfTraining) {
  LstmData data = random_lstm(problem());
  LstmRun training_run(backend(), data);
  training_run.forward();
  data.problem.backward = false;
  data.problem.input_gradient = false;
  LstmRun evaluation(backend(), data);
  evaluation.forward();
  EXPECT_EQ(evaluation.kernel().saved_bytes(), 0u);
  expect_same_bits(floats_of(evaluation.forward_arguments().y),
                   floats_of(training_run.forward_arguments().y));
  expect_same_bits(floats_of(evaluation.forward_arguments().c_last),
                   floats_of(training_run.forward_arguments().c_last));
}

TEST_P(LstmSequence, DoesNotDependOnTheNumberOrOrderOfThreads) {
  const LstmData data = random_lstm(problem());
  const auto once = [&](int order) {
    LstmBackend ordered = backend();
    ordered.order = order;
    LstmRun run(ordered, data);
    run.forward();
    run.backward();
    return results_of(run);
  };
  const std::vector<float> want = with_threads(1, [&] { return once(0); });
  for (int order = 1; order < (backend().device.is_cpu() ? 2 : kThreadOrders); ++order) {
    expect_same_bits(with_threads(2, [&] { return once(order); }), want);
  }
}

INSTANTIATE_TEST_SUITE_P(Cpu, LstmSequence,
                         testing::Combine(testing::Values(LstmBackend{}),
                                          testing::ValuesIn(kLstmProblems)));
INSTANTIATE_TEST_SUITE_P(Cpu, Lstm, testing::Values(LstmBackend{}), name_of);

class LstmReference : public testing::TestWithParam<LstmProblem> {};

TEST_P(LstmReference, GradientsAreFiniteDifferences) {
  LstmData data = random_lstm(GetParam());
  const LstmGradients gradients = reference::lstm_backward(data);
  const auto compare = [&](Doubles& values, const Doubles& gradient, const char* name) {
    const std::size_t stride = std::max<std::size_t>(1, values.size() / 5);
    for (std::size_t i = 0; i < values.size(); i += stride) {
      const double before = values[i];
      values[i] = before + 1e-5;
      const double up = reference::lstm_loss(data);
      values[i] = before - 1e-5;
      const double down = reference::lstm_loss(data);
      values[i] = before;
      EXPECT_NEAR(gradient[i], (up - down) / 2e-5, 1e-7) << name << " at " << i;
    }
  };
  compare(data.x, gradients.dx, "x");
  compare(data.static_gates, gradients.dstatic_gates, "static_gates");
  compare(data.h0, gradients.dh0, "h0");
  compare(data.c0, gradients.dc0, "c0");
  compare(data.weight_ih, gradients.weight_ih, "weight_ih");
  compare(data.weight_hh, gradients.weight_hh, "weight_hh");
  compare(data.bias, gradients.bias, "bias");
}

INSTANTIATE_TEST_SUITE_P(Problems, LstmReference, testing::ValuesIn(kLstmProblems));

TEST_P(Lstm, FinalGradientsMayBeAbsent) {
  LstmData data = random_lstm(training(3, 4, 5, 22));
  data.dh_last.clear();
  data.dc_last.clear();
  const LstmGradients want = reference::lstm_backward(data);
  LstmRun run(backend(), data);
  run.backward_arguments().dstatic_gates = {};
  run.backward_arguments().dh0 = {};
  run.backward_arguments().dc0 = {};
  run.forward();
  run.backward();
  expect_near(floats_of(run.backward_arguments().dx), want.dx, 1e-5);
  expect_near(LstmRun::added(run.backward_arguments().gradients.bias), want.bias, 1e-5, 1e-5);
}

// What only reads the final state gives no gradient of the sequence.
TEST_P(Lstm, SequenceGradientMayBeAbsent) {
  LstmData data = random_lstm(with(training(4, 5, 3, 21), true, false, true));
  std::fill(data.dy.begin(), data.dy.end(), 0.0);
  LstmRun zero(backend(), data);
  LstmRun absent(backend(), data);
  absent.backward_arguments().dy = {};
  for (LstmRun* run : {&zero, &absent}) {
    run->forward();
    run->backward();
  }
  const LstmBackward& want = zero.backward_arguments();
  const LstmBackward& got = absent.backward_arguments();
  expect_same_bits(floats_of(got.dx), floats_of(want.dx));
  expect_same_bits(floats_of(got.dh0), floats_of(want.dh0));
  expect_same_bits(floats_of(got.dc0), floats_of(want.dc0));
  expect_same_bits(floats_of(got.gradients.weight_hh), floats_of(want.gradients.weight_hh));
}

// Frozen parameters have none. Those that are left do not notice.
TEST_P(Lstm, GradientsOfWeightsMayBeAbsent) {
  const LstmData data = random_lstm(with(training(3, 4, 6, 18), true, false, true));
  constexpr Tensor LstmWeights::*kMembers[] = {&LstmWeights::weight_ih, &LstmWeights::weight_hh,
                                               &LstmWeights::bias};
  LstmRun whole(backend(), data);
  whole.forward();
  whole.backward();
  for (const auto only : kMembers) {
    LstmRun run(backend(), data);
    const LstmWeights all = run.backward_arguments().gradients;
    run.backward_arguments().gradients = {};
    run.backward_arguments().gradients.*only = all.*only;
    run.forward();
    run.backward();
    for (const auto member : kMembers) {
      const std::vector<float> values = LstmRun::added(all.*member);
      expect_same_bits(values, member == only
                                   ? LstmRun::added(whole.backward_arguments().gradients.*member)
                                   : std::vector<float>(values.size(), 0.0f));
    }
    expect_same_bits(floats_of(run.backward_arguments().dx),
                     floats_of(whole.backward_arguments().dx));
  }
}

TEST_P(Lstm, SaysWhichAlgorithmItTook) {
  Context context(backend().device);
  LstmProblem problem = training(3, 2, 4, 16);
  problem.algorithm = backend().algorithm;
  const std::string name =
      backend().algorithm == LstmAlgorithm::persistent ? "persistent f32" : "stepwise f32";
  EXPECT_EQ(plan_lstm(context, problem)->algorithms(), "forward " + name + ", backward " + name);
  problem.backward = problem.input_gradient = false;
  EXPECT_EQ(plan_lstm(context, problem)->algorithms(), "forward " + name);
}

TEST_P(Lstm, PackedWeightsServeManyDecodingSteps) {
  LstmData data =
      random_lstm({.steps = 1, .batch = 3, .inputs = 40, .units = 50, .initial_state = true});
  LstmRun run(backend(), data);
  run.forward();  // packs
  LstmForward& arguments = run.forward_arguments();
  copy_floats(arguments.h_last, arguments.h0);
  copy_floats(arguments.c_last, arguments.c0);
  data.h0 = to_doubles(floats_of(arguments.h0));
  data.c0 = to_doubles(floats_of(arguments.c0));
  run.kernel().forward(run.context(), arguments);
  expect_near(floats_of(arguments.y), reference::lstm_forward(data).y, 3e-6);
}

// Other backends keep f32 and may.
TEST(LstmOnCpu, Bfloat16WeightsGiveTheOutputsOfRoundedWeights) {
  for (const std::int64_t steps : {1, 3}) {
    LstmData data = random_lstm({.steps = steps,
                                 .batch = 5,
                                 .inputs = steps == 1 ? 37 : 0,
                                 .units = 45,
                                 .static_gates = true,
                                 .initial_state = true,
                                 .bf16_weights = true});
    LstmRun run(LstmBackend{}, data);
    run.forward();
    EXPECT_EQ(run.kernel().algorithms(), "forward stepwise f32 with bf16 weights");
    EXPECT_LT(run.kernel().packed_bytes(), 4u * 48 * 4 * (37 + 45));
    for (Doubles* weights : {&data.weight_ih, &data.weight_hh}) {
      for (double& w : *weights) {
        w = double(to_float(to_bfloat16(float(w))));
      }
    }
    expect_near(floats_of(run.forward_arguments().y), reference::lstm_forward(data).y, 3e-6);
  }
}

TEST(LstmOnCpu, RefusesBfloat16Memory) {
  Context context(Device::cpu());
  LstmProblem problem = training(2, 3, 4, 5);
  problem.precision = Precision::bf16;
  problem.dtype = DType::bf16;
  EXPECT_THROW(plan_lstm(context, problem), ArgumentError);
}

TEST_P(Lstm, RefusesWhatWasNotPlanned) {
  Context context(backend().device);
  EXPECT_THROW(plan_lstm(context, {.steps = 0, .batch = 1, .inputs = 1, .units = 1}),
               ArgumentError);
  EXPECT_THROW(plan_lstm(context, {.steps = 1, .batch = 1, .inputs = -1, .units = 1}),
               ArgumentError);
  EXPECT_THROW(
      plan_lstm(context, {.steps = 1, .batch = 1, .inputs = 1, .units = 1, .input_gradient = true}),
      ArgumentError);
  EXPECT_THROW(plan_lstm(context, {.steps = 1,
                                   .batch = 1,
                                   .inputs = 1,
                                   .units = 1,
                                   .backward = true,
                                   .bf16_weights = true}),
               ArgumentError);
  LstmRun run(backend(), random_lstm({.steps = 2, .batch = 3, .inputs = 4, .units = 5}));
  run.forward();
  EXPECT_THROW(run.backward(), ArgumentError);
  const LstmForward good = run.forward_arguments();
  const auto refuses = [&](auto change) {
    LstmForward arguments = good;
    change(arguments);
    EXPECT_THROW(run.kernel().forward(run.context(), arguments), ArgumentError);
  };
  refuses([](LstmForward& a) { a.x = {}; });
  refuses([](LstmForward& a) { a.x = a.y; });
  refuses([](LstmForward& a) { a.cont = a.y; });
  refuses([](LstmForward& a) { a.h0 = a.h_last; });
  refuses([](LstmForward& a) { a.weights.weight_hh = a.weights.weight_ih; });
  refuses([](LstmForward& a) { a.scratch = {}; });
  if (run.kernel().packed_bytes() > 0) {
    refuses([](LstmForward& a) { a.packed = {}; });
  }
}

}  // namespace
}  // namespace lrcn::test
