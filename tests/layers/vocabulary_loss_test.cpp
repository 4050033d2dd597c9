#include "layers/vocabulary_loss.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "layers/linear.h"
#include "layers/softmax_cross_entropy.h"
#include "tests/layers/checked_layer.h"

namespace lrcn::test {
namespace {

LayerCase vocabulary_case(std::string name, const Shape& h, std::int32_t vocabulary, int ignored) {
  const Shape rows(h.extents().first(std::size_t(h.rank() - 1)));
  LayerCase result = layer_case(std::move(name), VocabularyLoss({.vocabulary = vocabulary}),
                                {real(h), ids(rows, vocabulary, ignored)});
  result.outputs = 3;
  return result;
}

// The same by two layers that keep all rows.
LayerCase two_layers(LayerCase layer, std::int32_t vocabulary) {
  const int leading = layer.inputs[0].spec.shape.rank() - 1;
  layer.add = [=](Graph& graph, const std::vector<Value>& x) {
    const Value logits =
        graph.add("layer", Linear({.out_features = vocabulary, .leading_axes = leading}), {x[0]});
    return graph.add("loss", SoftmaxCrossEntropy(), {logits, x[1]});
  };
  return layer;
}

// Blocks hold 64, 128, ... rows and the rest of rows / 64.
INSTANTIATE_TEST_SUITE_P(VocabularyLoss, LayerCheck,
                         testing::Values(vocabulary_case("OneRowOneWord", {1, 1}, 1, 0),
                                         vocabulary_case("OneBlockOf31", {31, 5}, 33, 4),
                                         vocabulary_case("OneBlockOf64", {64, 3}, 5, 0),
                                         vocabulary_case("AllOf200Rows", {10, 20, 4}, 7, 0),
                                         vocabulary_case("HalfOf200Rows", {10, 20, 4}, 7, 2),
                                         vocabulary_case("AllButOneOf129Rows", {129, 4}, 7, 129),
                                         vocabulary_case("AllIgnored", {3, 4, 5}, 6, 1),
                                         vocabulary_case("NoRows", {0, 4, 5}, 6, 0)),
                         name_of_case);

TEST(VocabularyLoss, EqualsALinearLayerAndItsLoss) {
  const LayerCase fused = vocabulary_case("", {13, 17, 31}, 101, 3);
  const LayerResult expected = CheckedLayer(two_layers(fused, 101), {}).run();
  for (const Phase phase : {Phase::train, Phase::evaluate}) {
    const LayerResult actual =
        CheckedLayer(fused, {.phase = phase, .backward = phase == Phase::train}).run();
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < expected.outputs[i].size(); ++k) {
        ASSERT_NEAR(actual.outputs[i][k], expected.outputs[i][k], 1e-5) << i << ':' << k;
      }
    }
    for (const auto& [name, gradient] : actual.gradients) {
      for (std::size_t k = 0; k < gradient.size(); ++k) {
        ASSERT_NEAR(gradient[k], expected.gradients.at(name)[k], 1e-6) << name << ':' << k;
      }
    }
  }
}

TEST(VocabularyLoss, PaddedRowsMayHoldAnything) {
  LayerCase layer = vocabulary_case("", {70, 5}, 33, 2);
  const LayerResult expected = CheckedLayer(layer, {}).run();
  for (std::size_t r = 0; r < 70; ++r) {
    if (layer.inputs[1].values[r] < 0.0f) {
      layer.inputs[0].values[5 * r + 2] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  EXPECT_EQ(CheckedLayer(layer, {}).run(), expected);
}

// Of `rows` rows these count, spread over all of them.
LayerCase counted_case(std::int64_t rows, std::int64_t features, std::int32_t vocabulary,
                       std::int64_t count) {
  LayerCase layer = vocabulary_case("", {rows, features}, vocabulary, 0);
  for (std::int64_t r = 0; r < rows; ++r) {
    if ((r * 37 + 11) % rows >= count) {  // rows and 37 have no factor in common
      layer.inputs[1].values[std::size_t(r)] = -1.0f;
    }
  }
  return layer;
}

// Within `tolerance` of the largest; scores that were rounded may be largest elsewhere.
void expect_agrees(const LayerResult& got, const LayerResult& want, double tolerance) {
  const auto compare = [&](const Floats& a, const Floats& b, const std::string& what) {
    double largest = 1e-3;
    for (const float value : b) {
      largest = std::max(largest, double(std::abs(value)));
    }
    for (std::size_t i = 0; i < b.size(); ++i) {
      ASSERT_NEAR(a[i], b[i], tolerance * largest) << what << " at " << i;
    }
  };
  compare(got.outputs[0], want.outputs[0], "loss");
  compare(got.outputs[2], want.outputs[2], "nll");
  EXPECT_EQ(got.outputs[1][0], want.outputs[1][0]);
  if (tolerance < 1e-4) {
    EXPECT_EQ(got.outputs[1][1], want.outputs[1][1]);
  }
  for (const auto& [name, gradient] : want.gradients) {
    compare(got.gradients.at(name), gradient, name);
  }
}

struct PrecisionCase {
  Precision precision;
  double tolerance;
};
constexpr PrecisionCase kPrecisions[] = {
    {Precision::f32, 2e-5}, {Precision::tf32, 4e-3}, {Precision::bf16, 2e-2}};

// Everything that is not written is NaN there, so the rows of logits behind the count are.
void expect_cuda_agrees(const LayerCase& layer, const PrecisionCase& precision, Phase phase) {
  const bool backward = phase == Phase::train;
  const bool narrow = precision.precision == Precision::bf16;
  const LayerResult want =
      CheckedLayer(layer, {.phase = phase, .backward = backward, .bf16_inputs = narrow}).run();
  const LayerResult got = CheckedLayer(layer, {.device = Device::cuda(0),
                                               .phase = phase,
                                               .backward = backward,
                                               .precision = precision.precision,
                                               .bf16_inputs = narrow})
                              .run();
  expect_agrees(got, want, precision.tolerance);
}

TEST(VocabularyLoss, OnCudaOddVocabulariesAndAnyCountAgreeWithTheCpu) {
  if (const std::string problem = why_no_cuda(); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  for (const PrecisionCase& precision : kPrecisions) {
    for (const std::int32_t vocabulary : {1, 31, 33}) {
      for (const std::int64_t count : {0, 1, 64, 65, 70}) {
        SCOPED_TRACE(concat(precision.precision, ", V ", vocabulary, ", count ", count));
        for (const Phase phase : {Phase::train, Phase::evaluate}) {
          expect_cuda_agrees(counted_case(70, 5, vocabulary, count), precision, phase);
        }
      }
    }
    SCOPED_TRACE(concat(precision.precision, ", V 8801"));
    expect_cuda_agrees(counted_case(11, 9, 8801, 6), precision, Phase::train);
  }
}

// More rows than one block has without gradients.
TEST(VocabularyLoss, OnCudaBlocksOfRowsShareOneCount) {
  if (const std::string problem = why_no_cuda(); !problem.empty()) {
    GTEST_SKIP() << problem;
  }
  for (const std::int64_t count : {0, 511, 512, 513, 601}) {
    SCOPED_TRACE(count);
    expect_cuda_agrees(counted_case(601, 3, 33, count), kPrecisions[0], Phase::evaluate);
  }
}

TEST(VocabularyLoss, NamesWhatDoesNotFit) {
  const VocabularyLoss layer({.vocabulary = 7});
  EXPECT_EQ(compile_error(layer, {real({4, 2, 5}), ids({4}, 5)}),
            "layer (vocabulary_loss): targets must be i32 [4,2] to fit h f32[4,2,5], got i32[4]");
  EXPECT_EQ(compile_error(VocabularyLoss({}), {real({4, 5}), ids({4}, 5)}),
            "layer (vocabulary_loss): vocabulary must be >= 1, got 0");
}

}  // namespace
}  // namespace lrcn::test
