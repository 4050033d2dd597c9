#include "layers/pooling.h"

#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> pooling_cases() {
  std::vector<LayerCase> cases;
  const auto add = [&](std::string name, const Shape& x, const PoolingOptions& options) {
    cases.push_back(layer_case(std::move(name), Pooling(options), {spread(x)}));
  };
  using enum PoolingKind;
  add("OneElement", {1, 1, 1, 1}, {.window = Window::square(1)});
  add("Maximum2x2", {2, 31, 4, 6}, {.window = Window::square(2, 2)});
  add("OverlappingMaximumRoundedUp", {1, 33, 6, 8},
      {.window = Window::square(3, 2), .rounding = Rounding::up});
  add("PaddedMaximum", {2, 3, 5, 7}, {.window = Window::square(3, 2, 1)});
  add("AverageInside", {2, 5, 5, 7}, {.kind = average, .window = Window::square(3, 2, 1)});
  add("AverageOfAll", {2, 16, 5, 7}, {.kind = average, .window = {5, 7, 1, 1, 0, 0, 0, 0}});
  add("AverageRoundedUp", {1, 3, 6, 6},
      {.kind = average,
       .window = Window::square(3, 2, 1),
       .rounding = Rounding::up,
       .divisor = PoolingDivisor::padded});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Pooling, LayerCheck, testing::ValuesIn(pooling_cases()), name_of_case);

TEST(Pooling, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Pooling({}), {real({2, 3, 4})}),
            "layer (pooling): x must be f32 or bf16 [N,C,H,W], got f32[2,3,4]");
  EXPECT_NE(compile_error(Pooling({.window = Window::square(5)}), {real({1, 3, 4, 4})})
                .find("layer (pooling): "),
            std::string::npos);
}

}  // namespace
}  // namespace lrcn::test
