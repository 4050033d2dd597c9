#include "layers/embedding.h"

#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

Embedding embedding(std::int64_t vocabulary, std::int64_t features) {
  return Embedding({.vocabulary = vocabulary, .features = features});
}

INSTANTIATE_TEST_SUITE_P(
    Embedding, LayerCheck,
    testing::Values(layer_case("OneWord", embedding(1, 1), {ids({1}, 1)}),
                    layer_case("Sequences", embedding(33, 31), {ids({5, 3}, 33)}),
                    layer_case("RepeatedWords", embedding(3, 32), {ids({31, 2}, 3)}),
                    layer_case("NoWords", embedding(5, 4), {ids({0, 2}, 5)})),
    name_of_case);

TEST(Embedding, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(embedding(5, 4), {real({3, 2})}),
            "layer (embedding): x must be i32 ids of rank <= 5, got f32[3,2]");
  EXPECT_EQ(compile_error(embedding(0, 4), {ids({3}, 1)}),
            "layer (embedding): vocabulary and features must be >= 1, got 0 and 4");
}

}  // namespace
}  // namespace lrcn::test
