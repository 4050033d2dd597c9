#include "layers/dropout.h"

#include <algorithm>

#include "tests/layers/checked_layer.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> dropout_cases() {
  std::vector<LayerCase> cases = {
      layer_case("OneElement", Dropout(0.5f), {real({1})}),
      layer_case("Odd31", Dropout(0.5f), {real({31})}),
      layer_case("Sequences", Dropout(0.9f), {real({3, 5, 33})}),
      layer_case("Empty", Dropout(0.5f), {real({0, 3})}),
      layer_case("NothingDropped", Dropout(0.0f), {real({4, 8})}),
  };
  for (LayerCase& each : cases) {
    each.evaluation_agrees = each.name == "NothingDropped";
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Dropout, LayerCheck, testing::ValuesIn(dropout_cases()), name_of_case);

TEST(Dropout, IsTheIdentityInEvaluation) {
  const LayerCase layer = layer_case("", Dropout(0.9f), {real({7, 33})});
  const LayerResult result =
      CheckedLayer(layer, {.phase = Phase::evaluate, .backward = false}).run();
  EXPECT_EQ(result.outputs[0], layer.inputs[0].values);
}

TEST(Dropout, DropsTheAskedShareAndScalesTheRest) {
  const LayerCase layer = layer_case("", Dropout(0.75f), {spread({100, 100})});
  const Floats& x = layer.inputs[0].values;
  const Floats y = CheckedLayer(layer, {}).run().outputs[0];
  for (std::size_t i = 0; i < y.size(); ++i) {
    ASSERT_TRUE(y[i] == 0.0f || y[i] == 4.0f * x[i]) << i;
  }
  // 10000 draws: the share stays within five standard deviations, 0.0217, of 3 / 4.
  EXPECT_NEAR(double(std::count(y.begin(), y.end(), 0.0f)) / double(y.size()), 0.75, 0.0217);
}

TEST(Dropout, LayersOfAnotherPathDropOtherElements) {
  LayerCase layer = layer_case("", Dropout(0.5f), {spread({1000})});
  const Floats first = CheckedLayer(layer, {}).run().outputs[0];
  layer.add = [](Graph& graph, const std::vector<Value>& x) {
    return graph.add("other", Dropout(0.5f), x);
  };
  EXPECT_NE(CheckedLayer(layer, {}).run().outputs[0], first);
}

TEST(Dropout, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Dropout(1.0f), {real({3})}),
            "layer (dropout): probability must be in [0, 1), got 1");
  EXPECT_EQ(compile_error(Dropout(0.5f), {ids({3}, 2)}),
            "layer (dropout): x must be f32 or bf16, got i32[3]");
}

}  // namespace
}  // namespace lrcn::test
