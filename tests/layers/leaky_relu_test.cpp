#include "layers/leaky_relu.h"

#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

INSTANTIATE_TEST_SUITE_P(LeakyRelu, LayerCheck,
                         testing::Values(layer_case("OneElement", LeakyRelu(), {spread({1})}),
                                         layer_case("Odd31", LeakyRelu(0.2f), {spread({31})}),
                                         layer_case("Images", LeakyRelu(0.5f),
                                                    {spread({2, 3, 5, 4})}),
                                         layer_case("Empty", LeakyRelu(), {spread({0})})),
                         name_of_case);

TEST(LeakyRelu, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(LeakyRelu(1.5f), {real({3})}),
            "layer (leaky_relu): slope must be between 0 and 1, got 1.5");
  EXPECT_EQ(compile_error(LeakyRelu(), {ids({3}, 5)}),
            "layer (leaky_relu): x must be f32 or bf16, got i32[3]");
}

}  // namespace
}  // namespace lrcn::test
