#include "layers/lstm.h"

#include "core/transfer.h"
#include "tests/layers/checked_layer.h"

namespace lrcn::test {
namespace {

struct LstmSizes {
  std::int64_t steps, batch, inputs, hidden;
};

LayerCase lstm_case(std::string name, const LstmSizes& sizes, LstmOptions options) {
  options.hidden = sizes.hidden;
  std::vector<CaseInput> inputs = {real({sizes.steps, sizes.batch, sizes.inputs})};
  if (options.cont) {
    inputs.push_back(starts({sizes.steps, sizes.batch}));
  }
  if (options.static_gates) {
    inputs.push_back(real({sizes.batch, 4 * sizes.hidden}));
  }
  if (options.initial_state) {
    inputs.push_back(real({sizes.batch, sizes.hidden}));
    inputs.push_back(spread({sizes.batch, sizes.hidden}));
    for (float& c0 : inputs.back().values) {
      c0 *= 0.1f;
    }
  }
  LayerCase result = layer_case(std::move(name), Lstm(options), std::move(inputs));
  result.outputs = 3;
  result.seeds = {0, 1, 2};
  return result;
}

std::vector<LayerCase> lstm_cases() {
  std::vector<LayerCase> cases = {
      lstm_case("OneOfAll", {1, 1, 1, 1}, {}),
      lstm_case("Odd", {3, 5, 7, 6}, {}),
      lstm_case("WithStarts", {5, 4, 31, 33}, {.cont = true}),
      lstm_case("WithStaticGates", {3, 2, 32, 31}, {.static_gates = true}),
      lstm_case("WithState", {2, 3, 33, 32}, {.initial_state = true}),
      lstm_case("WithAll", {4, 3, 5, 8},
                {.cont = true, .static_gates = true, .initial_state = true}),
  };
  cases.push_back(lstm_case("OnlyTheSequenceIsRead", {3, 2, 4, 5}, {.cont = true}));
  cases.back().seeds = {0};
  cases.push_back(lstm_case("OnlyTheFinalStateIsRead", {3, 2, 4, 5}, {.initial_state = true}));
  cases.back().seeds = {1};
  cases.push_back(lstm_case("FeaturesOfSeveralAxes", {2, 3, 12, 5}, {}));
  cases.back().inputs[0].spec.shape = Shape{2, 3, 3, 4};
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Lstm, LayerCheck, testing::ValuesIn(lstm_cases()), name_of_case);

Floats slice(const Floats& values, std::size_t begin, std::size_t size) {
  const auto first = values.begin() + std::ptrdiff_t(begin);
  return {first, first + std::ptrdiff_t(size)};
}

void expect_near(const Floats& actual, const Floats& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 1e-6) << i;
  }
}

TEST(Lstm, OneSequenceEqualsItsStepsOneByOne) {
  const LstmSizes sizes{3, 2, 5, 4};
  const LayerCase whole_sequence = lstm_case("", sizes, {.initial_state = true});
  const LayerResult expected = CheckedLayer(whole_sequence, {.backward = false}).run();

  LayerCase step = lstm_case("", {1, 2, 5, 4}, {.initial_state = true});
  step.inputs[1] = whole_sequence.inputs[1];
  step.inputs[2] = whole_sequence.inputs[2];
  CheckedLayer one_step(step, {.phase = Phase::evaluate, .backward = false});
  for (std::size_t t = 0; t < 3; ++t) {
    one_step.set("x0", slice(whole_sequence.inputs[0].values, t * 10, 10));
    const LayerResult result = one_step.run();
    expect_near(result.outputs[0], slice(expected.outputs[0], t * 8, 8));
    one_step.set("x1", result.outputs[1]);
    one_step.set("x2", result.outputs[2]);
  }
  expect_near(one_step.get("x1"), expected.outputs[1]);
  expect_near(one_step.get("x2"), expected.outputs[2]);
}

// Steps 0, 1, 2 and then 3, 4, 5 of one sequence, the second part with `second_cont`.
LayerResult run_in_two_parts(const LayerCase& sequence, Phase phase, const Floats& second_cont) {
  LayerCase part = lstm_case("", {3, 2, 5, 4}, {.cont = true, .carry_state = true});
  CheckedLayer layer(part, {.phase = phase, .backward = phase == Phase::train});
  layer.set("x0", slice(sequence.inputs[0].values, 0, 30));
  layer.set("x1", slice(sequence.inputs[1].values, 0, 6));
  layer.run();
  layer.set("x0", slice(sequence.inputs[0].values, 30, 30));
  layer.set("x1", second_cont);
  return layer.run();
}

TEST(Lstm, CarriesStateWhenContIsOne) {
  LayerCase sequence = lstm_case("", {6, 2, 5, 4}, {.cont = true});
  sequence.inputs[1].values = {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const LayerResult expected = CheckedLayer(sequence, {.backward = false}).run();
  for (const Phase phase : {Phase::train, Phase::evaluate}) {
    const LayerResult result = run_in_two_parts(sequence, phase, {1, 1, 1, 1, 1, 1});
    expect_near(result.outputs[0], slice(expected.outputs[0], 24, 24));
    expect_near(result.outputs[1], expected.outputs[1]);
    expect_near(result.outputs[2], expected.outputs[2]);
  }
}

TEST(Lstm, ForgetsCarriedStateWhereContIsZero) {
  LayerCase sequence = lstm_case("", {6, 2, 5, 4}, {.cont = true});
  sequence.inputs[1].values = {0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1};
  const LayerResult expected = CheckedLayer(sequence, {.backward = false}).run();
  const LayerResult result = run_in_two_parts(sequence, Phase::train, {1, 0, 1, 1, 1, 1});
  expect_near(result.outputs[0], slice(expected.outputs[0], 24, 24));
}

TEST(Lstm, CarriedStateIsAConstantForTheGradient) {
  LayerCase sequence = lstm_case("", {6, 2, 5, 4}, {.cont = true});
  sequence.inputs[1].values = {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  LayerCase first = lstm_case("", {3, 2, 5, 4}, {});
  first.inputs[0].values = slice(sequence.inputs[0].values, 0, 30);
  const LayerResult state = CheckedLayer(first, {.backward = false}).run();
  LayerCase second = lstm_case("", {3, 2, 5, 4}, {.initial_state = true});
  second.inputs[0].values = slice(sequence.inputs[0].values, 30, 30);
  second.inputs[1].values = state.outputs[1];
  second.inputs[2].values = state.outputs[2];
  LayerResult expected = CheckedLayer(second, {}).run();

  LayerResult result = run_in_two_parts(sequence, Phase::train, {1, 1, 1, 1, 1, 1});
  for (const std::string name : {"x0", "layer.weight_ih", "layer.weight_hh", "layer.bias"}) {
    expect_near(result.gradients[name], expected.gradients[name]);
  }
}

TEST(Lstm, EvaluatesWithWeightsOfLessPrecisionWhenAsked) {
  const LstmSizes sizes{4, 3, 16, 16};
  const CheckedLayerOptions evaluation{.phase = Phase::evaluate, .backward = false};
  const LayerCase exact_case = lstm_case("", sizes, {});
  const LayerCase short_case = lstm_case("", sizes, {.bf16_weights = true});
  const Floats exact = CheckedLayer(exact_case, evaluation).run().outputs[0];
  const Floats rounded = CheckedLayer(short_case, evaluation).run().outputs[0];
  for (std::size_t i = 0; i < exact.size(); ++i) {
    ASSERT_NEAR(rounded[i], exact[i], 0.02) << i;  // bf16 keeps 8 bits of weights below 1/2
  }
  // Training keeps f32.
  EXPECT_EQ(CheckedLayer(short_case, {}).run(), CheckedLayer(exact_case, {}).run());
}

TEST(Lstm, StartsWithTheAskedForgetBias) {
  const LayerCase layer = lstm_case("", {1, 1, 2, 3}, {.forget_bias = 1.5f});
  const CheckedLayer checked(layer, {.initial_parameters = true});
  EXPECT_EQ(checked.get("layer.bias"), (Floats{0, 0, 0, 1.5f, 1.5f, 1.5f, 0, 0, 0, 0, 0, 0}));
}

TEST(Lstm, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Lstm({.hidden = 3}), {real({4, 5})}),
            "layer (lstm): x must be f32 [T,N,features...], got f32[4,5]");
  EXPECT_EQ(compile_error(Lstm({.hidden = 3, .cont = true}), {real({4, 5, 2}), real({5, 4})}),
            "layer (lstm): cont must be f32 [4,5], got f32[5,4]");
  EXPECT_EQ(
      compile_error(Lstm({.hidden = 3, .static_gates = true}), {real({4, 5, 2}), real({5, 3})}),
      "layer (lstm): static_gates must be f32 [5,12], got f32[5,3]");
  EXPECT_EQ(compile_error(Lstm({.hidden = 3, .initial_state = true}), {real({4, 5, 2})}),
            "layer (lstm): expected 3 inputs, got 1");
  EXPECT_EQ(compile_error(Lstm({.hidden = 3, .carry_state = true}), {real({4, 5, 2})}),
            "layer (lstm): carry_state needs cont, which resets rows, and excludes initial_state");
}

}  // namespace
}  // namespace lrcn::test
