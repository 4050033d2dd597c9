#include "layers/lrn.h"

#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> lrn_cases() {
  std::vector<LayerCase> cases;
  const auto add = [&](std::string name, const Shape& x, const LrnOptions& options) {
    cases.push_back(layer_case(std::move(name), Lrn(options), {real(x)}));
  };
  // The usual alpha of 1e-4 would hide the second term of the gradient.
  add("OneElement", {1, 1, 1, 1}, {.alpha = 2.0f});
  add("FewerChannelsThanTheWindow", {2, 3, 4, 3}, {.alpha = 2.0f});
  add("Channels33", {2, 33, 3, 2}, {.alpha = 2.0f});
  add("Channels32WindowOfThree", {1, 32, 3, 3},
      {.size = 3, .alpha = 1.0f, .beta = 0.5f, .k = 2.0f});
  add("Defaults", {2, 31, 3, 3}, {});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Lrn, LayerCheck, testing::ValuesIn(lrn_cases()), name_of_case);

TEST(Lrn, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Lrn(), {real({2, 3, 4})}),
            "layer (lrn): x must be f32 or bf16 [N,C,H,W], got f32[2,3,4]");
  EXPECT_NE(compile_error(Lrn({.size = 4}), {real({1, 3, 4, 4})}).find("layer (lrn): "),
            std::string::npos);
}

}  // namespace
}  // namespace lrcn::test
