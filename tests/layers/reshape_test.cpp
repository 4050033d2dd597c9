#include "layers/reshape.h"

#include "layers/activation.h"
#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> reshape_cases() {
  std::vector<LayerCase> cases = {
      layer_case("Same", Reshape({31}), {real({31})}),
      layer_case("OpenExtent", Reshape({-1, 6}), {real({3, 4, 2})}),
      layer_case("AddsAnAxis", Reshape({1, 3, 5}), {real({3, 5})}),
      layer_case("Empty", Reshape({0, 7}), {real({3, 0})}),
  };
  // The gradient passes through memory that other layers write and read.
  cases.push_back(layer_case("BetweenLayers", Reshape({6, 2}), {real({3, 4})}));
  cases.back().add = [](Graph& graph, const std::vector<Value>& x) {
    const Value before = graph.add("before", Tanh(), x);
    return graph.add("after", Sigmoid(), {graph.add("layer", Reshape({6, 2}), {before})});
  };
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Reshape, LayerCheck, testing::ValuesIn(reshape_cases()), name_of_case);

TEST(Reshape, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Reshape({4, 5}), {real({3, 4})}),
            "layer (reshape): [4,5] must hold the 12 elements of f32[3,4], holds 20");
  EXPECT_EQ(compile_error(Reshape({-1, 5}), {real({3, 4})}),
            "layer (reshape): no extent in place of -1 makes [-1,5] hold the 12 elements of "
            "f32[3,4]");
  EXPECT_EQ(compile_error(Reshape({-1, -1}), {real({3, 4})}),
            "layer (reshape): shape: extents must be >= 0, got -1 at axis 1");
}

}  // namespace
}  // namespace lrcn::test
