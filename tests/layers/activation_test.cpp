#include "layers/activation.h"

#include "tests/layers/layer_check.h"

namespace lrcn::test {
namespace {

template <class L>
void add_cases(std::vector<LayerCase>& cases, const std::string& name) {
  cases.push_back(layer_case(name + "OneElement", L(), {spread({1})}));
  cases.push_back(layer_case(name + "Odd31", L(), {spread({31})}));
  cases.push_back(layer_case(name + "Images", L(), {spread({2, 3, 5, 4})}));
  cases.push_back(layer_case(name + "Sequences", L(), {spread({33, 1, 2})}));
  cases.push_back(layer_case(name + "Empty", L(), {spread({0, 4})}));
}

std::vector<LayerCase> activation_cases() {
  std::vector<LayerCase> cases;
  add_cases<Relu>(cases, "Relu");
  // Nearly all of `spread` lies where these are flat: their tests want values around zero.
  add_cases<Sigmoid>(cases, "Sigmoid");
  add_cases<Tanh>(cases, "Tanh");
  cases.push_back(layer_case("SigmoidAroundZero", Sigmoid(), {real({7, 9})}));
  cases.push_back(layer_case("TanhAroundZero", Tanh(), {real({7, 9})}));
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Activation, LayerCheck, testing::ValuesIn(activation_cases()),
                         name_of_case);

TEST(Activation, NamesWhatDoesNotFit) {
  EXPECT_EQ(compile_error(Relu(), {ids({3}, 5)}),
            "layer (relu): x must be f32 or bf16, got i32[3]");
  EXPECT_EQ(compile_error(Tanh(), {ids({3}, 5)}),
            "layer (tanh): x must be f32 or bf16, got i32[3]");
  EXPECT_EQ(compile_error(Sigmoid(), {}), "layer (sigmoid): expected 1 inputs, got 0");
}

}  // namespace
}  // namespace lrcn::test
