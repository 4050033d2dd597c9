#include "layers/concat.h"

#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Concat, LayerCheck,
    testing::Values(
        layer_case("OneInput", Concat(0), {real({3, 2})}),
        layer_case("ImageBeforeWords", Concat(0), {real({1, 3, 5}), real({4, 3, 5})}),
        layer_case("Features", Concat(-1), {real({3, 31}), real({3, 1}), real({3, 33})}),
        layer_case("Channels", Concat(1), {real({2, 3, 4, 5}), real({2, 2, 4, 5})}),
        layer_case("EmptyPart", Concat(1), {real({2, 0, 3}), real({2, 4, 3}), real({2, 0, 3})})),
    name_of_case);

TEST(Concat, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Concat(0), {real({1, 3}), real({1, 4})}),
            "layer (concat): x[1] must be f32 or bf16 like x[0] f32[1,3] in all axes but 0, got "
            "f32[1,4]");
  EXPECT_EQ(compile_error(Concat(2), {real({1, 3})}),
            "layer (concat): axis 2 is outside of f32[1,3]");
  EXPECT_EQ(
      compile_error(Concat(0), {ids({3}, 2)}),
      "layer (concat): x[0] must be f32 or bf16 like x[0] i32[3] in all axes but 0, got i32[3]");
}

}  // namespace
}  // namespace lrcn::test
