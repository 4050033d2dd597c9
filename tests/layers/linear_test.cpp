#include "layers/linear.h"

#include <algorithm>

#include "layers/activation.h"
#include "layers/graph/program.h"
#include "tests/kernels/each_device.h"
#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> linear_cases() {
  std::vector<LayerCase> cases;
  const auto add = [&](std::string name, const Shape& x, const LinearOptions& options) {
    cases.push_back(layer_case(std::move(name), Linear(options), {real(x)}));
  };
  add("OneElement", {1, 1}, {.out_features = 1});
  add("Rows31Features32To33", {31, 32}, {.out_features = 33});
  add("Rows33Features31To32", {33, 31}, {.out_features = 32});
  add("WithoutBias", {5, 7}, {.out_features = 3, .bias = false});
  add("FlattensImages", {3, 5, 4, 2}, {.out_features = 7});
  add("KeepsSequences", {3, 5, 9}, {.out_features = 4, .leading_axes = 2});
  add("OneRowWithoutAxes", {9}, {.out_features = 4, .leading_axes = 0});
  add("NoRows", {0, 9}, {.out_features = 4});
  cases.push_back(layer_case("AbsorbsRelu", Linear({.out_features = 17}), {whole({6, 33})}));
  cases.back().whole_parameters = true;
  cases.back().add = [](Graph& graph, const std::vector<Value>& x) {
    return graph.add("relu", Relu(), {graph.add("layer", Linear({.out_features = 17}), x)});
  };
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Linear, LayerCheck, testing::ValuesIn(linear_cases()), name_of_case);

// Skipped, with the reason, without a device.
TEST(Linear, LeavesScoresInF32WhereTheyAreNotTrained) {
  const std::string problem = why_absent({"cuda", Device::cuda(0)});
  if (!problem.empty()) {
    GTEST_SKIP() << problem;
  }
  Context context(Device::cuda(0));
  context.set_precision(Precision::bf16);
  ParamStore params(context.device());
  Graph graph;
  const Value hidden = graph.add("fc", Linear({.out_features = 6}), {graph.input("x", {{4, 3}})});
  const Value relu = graph.add("relu", Relu(), {hidden});
  const Value scores = graph.add("scores", Linear({.out_features = 5}), {relu});
  CompileOptions options;
  options.outputs = {scores};
  const auto casts_of_scores = [&] {
    const Program program = Program::compile(context, graph, params, options);
    const std::vector<std::string> lines = program.describe();
    return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return line.rfind("scores.to_f32  cast", 0) == 0;
    });
  };
  options.phase = Phase::evaluate;
  EXPECT_EQ(casts_of_scores(), 0);
  options.phase = Phase::train;
  options.seeds = {scores};
  EXPECT_EQ(casts_of_scores(), 1);
}

TEST(Linear, NamesWhatDoesNotFit) {
  EXPECT_EQ(
      compile_error(Linear({.out_features = 3, .leading_axes = 2}), {real({4, 5})}),
      "layer (linear): x must be f32 or bf16 with 2 leading axes and features behind them, got "
      "f32[4,5]");
  EXPECT_EQ(
      compile_error(Linear({.out_features = 3}), {ids({4, 5}, 7)}),
      "layer (linear): x must be f32 or bf16 with 1 leading axes and features behind them, got "
      "i32[4,5]");
  EXPECT_EQ(compile_error(Linear({.out_features = 0}), {real({4, 5})}),
            "layer (linear): out_features must be >= 1, got 0");
  EXPECT_EQ(compile_error(Linear({.out_features = 3}), {real({4, 5}), real({4, 5})}),
            "layer (linear): expected 1 inputs, got 2");
}

}  // namespace
}  // namespace lrcn::test
