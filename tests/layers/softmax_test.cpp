#include "layers/softmax.h"

#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> softmax_cases() {
  std::vector<LayerCase> cases;
  for (const bool logarithm : {false, true}) {
    const auto add = [&](const std::string& name, const Shape& x) {
      cases.push_back(layer_case((logarithm ? "Log" : "") + name, Softmax({.logarithm = logarithm}),
                                 {real(x)}));
    };
    add("OneClass", {3, 1});
    add("Odd31", {31});
    add("Sequences", {3, 2, 33});
    add("NoRows", {0, 4});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Softmax, LayerCheck, testing::ValuesIn(softmax_cases()), name_of_case);

TEST(Softmax, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Softmax(), {real({3, 0})}),
            "layer (softmax): x must be f32 or bf16 [...,V] with V >= 1, got f32[3,0]");
}

}  // namespace
}  // namespace lrcn::test
