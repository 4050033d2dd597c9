#include "layers/softmax_cross_entropy.h"

#include <cmath>
#include <limits>

#include "tests/layers/checked_layer.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> loss_cases() {
  std::vector<LayerCase> cases;
  const auto add = [&](std::string name, const Shape& logits, const CaseInput& targets) {
    cases.push_back(layer_case(std::move(name), SoftmaxCrossEntropy(), {real(logits), targets}));
    cases.back().outputs = 3;
  };
  add("OneRowOneClass", {1, 1}, ids({1}, 1));
  add("Rows31", {31, 5}, ids({31}, 5));
  add("Sequences", {3, 4, 33}, ids({3, 4}, 33, 3));
  add("AllIgnored", {2, 4}, ids({2}, 4, 1));
  add("NoRows", {0, 4}, ids({0}, 4));
  return cases;
}

INSTANTIATE_TEST_SUITE_P(SoftmaxCrossEntropy, LayerCheck, testing::ValuesIn(loss_cases()),
                         name_of_case);

// Three classes with probabilities 1/7, 2/7, 4/7.
CaseInput sevenths(std::vector<float> first_row = {0.0f, std::log(2.0f), std::log(4.0f)}) {
  first_row.insert(first_row.end(), {0.0f, std::log(2.0f), std::log(4.0f)});
  return {{{2, 3}}, first_row};
}

TEST(SoftmaxCrossEntropy, AveragesOverTheCountedRowsAndCountsHits) {
  LayerCase layer =
      layer_case("", SoftmaxCrossEntropy(), {sevenths(), {{{2}, DType::i32}, {2.0f, 0.0f}, false}});
  layer.outputs = 3;
  const LayerResult result = CheckedLayer(layer, {}).run();
  EXPECT_NEAR(result.outputs[0][0], 0.5 * (std::log(7.0 / 4.0) + std::log(7.0)), 1e-6);
  EXPECT_EQ(result.outputs[1], (Floats{2.0f, 1.0f}));
  EXPECT_NEAR(result.outputs[2][0], std::log(7.0 / 4.0), 1e-6);
  EXPECT_NEAR(result.outputs[2][1], std::log(7.0), 1e-6);
}

TEST(SoftmaxCrossEntropy, IgnoredRowsMayHoldAnything) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  LayerCase layer =
      layer_case("", SoftmaxCrossEntropy({.ignore_label = 9}),
                 {sevenths({nan, nan, nan}), {{{2}, DType::i32}, {9.0f, 1.0f}, false}});
  layer.outputs = 3;
  LayerResult result = CheckedLayer(layer, {}).run();
  EXPECT_NEAR(result.outputs[0][0], std::log(7.0 / 2.0), 1e-6);
  EXPECT_EQ(result.outputs[1], (Floats{1.0f, 0.0f}));
  EXPECT_EQ(result.outputs[2][0], 0.0f);
  for (std::size_t v = 0; v < 3; ++v) {
    EXPECT_EQ(result.gradients["x0"][v], 0.0f);
    EXPECT_TRUE(std::isfinite(result.gradients["x0"][3 + v]));
  }
}

// Half a unit in the last of 8 bits, beside the error of f32 arithmetic.
TEST(SoftmaxCrossEntropy, RoundsItsGradientOnceInBf16) {
  if (const std::string problem = why_no_cuda(); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  LayerCase layer = layer_case("", SoftmaxCrossEntropy(), {real({50, 21}), ids({50}, 21, 5)});
  layer.outputs = 3;
  const LayerResult want = CheckedLayer(layer, {.bf16_inputs = true}).run();
  const LayerResult got =
      CheckedLayer(layer,
                   {.device = Device::cuda(0), .precision = Precision::bf16, .bf16_inputs = true})
          .run();
  for (std::size_t i = 0; i < want.gradients.at("x0").size(); ++i) {
    const double expected = want.gradients.at("x0")[i];
    const double half_unit = expected == 0.0 ? 0.0 : std::ldexp(1.0, std::ilogb(expected) - 8);
    ASSERT_NEAR(got.gradients.at("x0")[i], expected, half_unit + 1e-5 * std::abs(expected)) << i;
  }
}

TEST(SoftmaxCrossEntropy, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(SoftmaxCrossEntropy(), {real({4, 5}), ids({5}, 5)}),
            "layer (softmax_cross_entropy): targets must be i32 [4] to fit logits f32[4,5], got "
            "i32[5]");
  EXPECT_EQ(
      compile_error(SoftmaxCrossEntropy(), {real({5}), ids({5}, 5)}),
      "layer (softmax_cross_entropy): logits must be f32 or bf16 [rows...,features], got f32[5]");
  EXPECT_EQ(compile_error(SoftmaxCrossEntropy(), {real({4, 5}), real({4})}),
            "layer (softmax_cross_entropy): targets must be i32 [4] to fit logits f32[4,5], got "
            "f32[4]");
}

}  // namespace
}  // namespace lrcn::test
