#include "layers/sum.h"

#include "layers/convolution.h"
#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> sum_cases() {
  std::vector<LayerCase> cases = {
      layer_case("OneInput", Sum(), {real({31})}),
      layer_case("ThreeInputs", Sum(), {real({3, 11}), whole({3, 11}), spread({3, 11})}),
      layer_case("Empty", Sum(), {real({2, 0}), real({2, 0})}),
  };
  cases.push_back(layer_case("SameInputTwice", Sum(), {real({4, 8})}));
  cases.back().add = [](Graph& graph, const std::vector<Value>& x) {
    return graph.add("layer", Sum(), {x[0], x[0]});
  };
  // The first input has the layout of a kernel, the second one is brought into it.
  cases.push_back(layer_case("LayoutOfTheFirst", Sum(), {real({2, 3, 4, 5}), real({2, 9, 4, 5})}));
  cases.back().add = [](Graph& graph, const std::vector<Value>& x) {
    const Convolution convolution({.out_channels = 9, .algorithm = ConvolutionAlgorithm::direct});
    return graph.add("layer", Sum(), {graph.add("convolution", convolution, {x[0]}), x[1]});
  };
  cases.back().threads_agree = false;  // as for the convolution alone
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Sum, LayerCheck, testing::ValuesIn(sum_cases()), name_of_case);

TEST(Sum, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Sum(), {real({2, 3}), real({3, 2})}),
            "layer (sum): x[1] must be f32 or bf16 [2,3] as x[0], got f32[3,2]");
  EXPECT_EQ(compile_error(Sum(), {}), "layer (sum): expected 1 to 1024 inputs, got 0");
}

}  // namespace
}  // namespace lrcn::test
