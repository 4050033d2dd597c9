#include <gtest/gtest.h>

#include "tests/kernels/lstm_run.h"

namespace lrcn::test {
namespace {

const LstmProblem kProblems[] = {
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

class LstmSequence : public testing::TestWithParam<LstmProblem> {};

TEST_P(LstmSequence, ForwardAgreesWithTheReference) {
  const LstmData data = random_lstm(GetParam());
  const LstmValues want = reference::lstm_forward(data);
  LstmRun run(data);
  run.forward();
  expect_near(LstmRun::floats(run.forward_arguments().y), want.y, 3e-6);
  expect_near(LstmRun::floats(run.forward_arguments().h_last), want.h_last, 3e-6);
  expect_near(LstmRun::floats(run.forward_arguments().c_last), want.c_last, 5e-6);
}

TEST_P(LstmSequence, GradientsAgreeWithTheReference) {
  const LstmData data = random_lstm(GetParam());
  const LstmGradients want = reference::lstm_backward(data);
  LstmRun run(data);
  run.forward();
  run.backward();
  const LstmBackward& got = run.backward_arguments();
  if (GetParam().input_gradient) {
    expect_near(LstmRun::floats(got.dx), want.dx, 1e-5, 1e-5);
    expect_near(LstmRun::added(got.gradients.weight_ih), want.weight_ih, 2e-5, 2e-5);
  }
  expect_near(LstmRun::floats(got.dstatic_gates), want.dstatic_gates, 1e-5, 1e-5);
  expect_near(LstmRun::added(got.gradients.weight_hh), want.weight_hh, 2e-5, 2e-5);
  expect_near(LstmRun::added(got.gradients.bias), want.bias, 2e-5, 2e-5);
  if (GetParam().initial_state) {
    expect_near(LstmRun::floats(got.dh0), want.dh0, 1e-5, 1e-5);
    expect_near(LstmRun::floats(got.dc0), want.dc0, 1e-5, 1e-5);
  }
}

TEST_P(LstmSequence, ReferenceGradientsAreFiniteDifferences) {
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

TEST_P(LstmSequence, EvaluationGivesTheOutputsOfTraining) {
  LstmData data = random_lstm(GetParam());
  LstmRun training_run(data);
  training_run.forward();
  data.problem.backward = false;
  data.problem.input_gradient = false;
  LstmRun evaluation(data);
  evaluation.forward();
  EXPECT_EQ(evaluation.kernel().saved_bytes(), 0u);
  expect_same_bits(LstmRun::floats(evaluation.forward_arguments().y),
                   LstmRun::floats(training_run.forward_arguments().y));
  expect_same_bits(LstmRun::floats(evaluation.forward_arguments().c_last),
                   LstmRun::floats(training_run.forward_arguments().c_last));
}

TEST_P(LstmSequence, DoesNotDependOnTheNumberOfThreads) {
  const LstmData data = random_lstm(GetParam());
  const auto once = [&] {
    LstmRun run(data);
    run.forward();
    run.backward();
    std::vector<float> all = LstmRun::floats(run.forward_arguments().y);
    const LstmBackward& got = run.backward_arguments();
    for (const Tensor& part : {got.dx, got.dstatic_gates, got.gradients.weight_ih,
                               got.gradients.weight_hh, got.gradients.bias, got.dh0, got.dc0}) {
      if (part) {
        const std::vector<float> values = LstmRun::floats(part);
        all.insert(all.end(), values.begin(), values.end());
      }
    }
    return all;
  };
  expect_same_bits(with_threads(1, once), with_threads(2, once));
}

INSTANTIATE_TEST_SUITE_P(Problems, LstmSequence, testing::ValuesIn(kProblems));

TEST(Lstm, FinalGradientsMayBeAbsent) {
  LstmData data = random_lstm(training(3, 4, 5, 22));
  data.dh_last.clear();
  data.dc_last.clear();
  const LstmGradients want = reference::lstm_backward(data);
  LstmRun run(data);
  run.backward_arguments().dstatic_gates = {};
  run.backward_arguments().dh0 = {};
  run.backward_arguments().dc0 = {};
  run.forward();
  run.backward();
  expect_near(LstmRun::floats(run.backward_arguments().dx), want.dx, 1e-5);
  expect_near(LstmRun::added(run.backward_arguments().gradients.bias), want.bias, 1e-5, 1e-5);
}

TEST(Lstm, PackedWeightsServeManyDecodingSteps) {
  LstmData data =
      random_lstm({.steps = 1, .batch = 3, .inputs = 40, .units = 50, .initial_state = true});
  LstmRun run(data);
  run.forward();  // packs
  LstmForward& arguments = run.forward_arguments();
  std::copy_n(arguments.h_last.as<float>(), 150, arguments.h0.as<float>());
  std::copy_n(arguments.c_last.as<float>(), 150, arguments.c0.as<float>());
  data.h0 = to_doubles(LstmRun::floats(arguments.h0));
  data.c0 = to_doubles(LstmRun::floats(arguments.c0));
  run.kernel().forward(run.context(), arguments);
  expect_near(LstmRun::floats(arguments.y), reference::lstm_forward(data).y, 3e-6);
}

TEST(Lstm, Bfloat16WeightsGiveTheOutputsOfRoundedWeights) {
  for (const std::int64_t steps : {1, 3}) {
    LstmData data = random_lstm({.steps = steps,
                                 .batch = 5,
                                 .inputs = steps == 1 ? 37 : 0,
                                 .units = 45,
                                 .static_gates = true,
                                 .initial_state = true,
                                 .bf16_weights = true});
    LstmRun run(data);
    run.forward();
    EXPECT_LT(run.kernel().packed_bytes(), 4u * 48 * 4 * (37 + 45));
    for (Doubles* weights : {&data.weight_ih, &data.weight_hh}) {
      for (double& w : *weights) {
        w = double(to_float(to_bfloat16(float(w))));
      }
    }
    expect_near(LstmRun::floats(run.forward_arguments().y), reference::lstm_forward(data).y, 3e-6);
  }
}

TEST(Lstm, RefusesWhatWasNotPlanned) {
  Context context(Device::cpu());
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
  LstmRun run(random_lstm({.steps = 2, .batch = 3, .inputs = 4, .units = 5}));
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
  refuses([](LstmForward& a) { a.packed = {}; });
}

}  // namespace
}  // namespace lrcn::test
