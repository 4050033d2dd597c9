#include "layers/convolution.h"

#include "layers/activation.h"
#include "layers/linear.h"
#include "layers/pooling.h"
#include "tests/layers/checked_layer.h"

namespace lrcn::test {
namespace {

std::vector<LayerCase> convolution_cases() {
  std::vector<LayerCase> cases;
  const auto add = [&](std::string name, const Shape& x, const ConvolutionOptions& options) {
    cases.push_back(layer_case(std::move(name), Convolution(options), {real(x)}));
  };
  using enum ConvolutionAlgorithm;
  add("OneElement", {1, 1, 1, 1}, {.out_channels = 1, .algorithm = direct});
  add("Pointwise31To33", {2, 31, 5, 3},
      {.out_channels = 33, .window = Window::square(1), .algorithm = direct});
  add("Padded3x3", {2, 3, 6, 7},
      {.out_channels = 5, .window = Window::square(3, 1, 1), .algorithm = direct});
  add("Channels32To16", {1, 32, 6, 6},
      {.out_channels = 16, .window = Window::square(3, 1, 1), .algorithm = direct});
  add("Strided11x11", {1, 3, 23, 19},
      {.out_channels = 4, .window = Window::square(11, 4), .algorithm = direct});
  add("Groups", {2, 6, 7, 5},
      {.out_channels = 8, .window = Window::square(5, 1, 2), .groups = 2, .algorithm = direct});
  add("WithoutBias", {2, 4, 5, 5},
      {.out_channels = 3, .window = Window::square(3), .bias = false, .algorithm = direct});
  add("UnevenWindow", {2, 4, 7, 6},
      {.out_channels = 3, .window = {2, 3, 1, 2, 1, 0, 0, 1}, .algorithm = direct});
  add("Winograd", {2, 16, 10, 9},
      {.out_channels = 16, .window = Window::square(3, 1, 1), .algorithm = winograd});

  const ConvolutionOptions small{
      .out_channels = 9, .window = Window::square(3, 1, 1), .algorithm = direct};
  cases.push_back(layer_case("AbsorbsRelu", Convolution(small), {whole({2, 3, 5, 4})}));
  cases.back().whole_parameters = true;
  cases.back().add = [=](Graph& graph, const std::vector<Value>& x) {
    return graph.add("relu", Relu(), {graph.add("layer", Convolution(small), x)});
  };
  // Sums that are far from each other and from zero; on CUDA one kernel.
  cases.push_back(layer_case("AbsorbsReluAndPooling", Relu(), {spread({1, 1, 5, 4})}));
  cases.back().whole_parameters = true;
  cases.back().add = [](Graph& graph, const std::vector<Value>& x) {
    const Value sums = graph.add("layer", Convolution({.out_channels = 1}), x);
    return graph.add("pool", Pooling({}), {graph.add("relu", Relu(), {sums})});
  };
  // Layouts of kernels from layer to layer, plain for the last one.
  cases.push_back(layer_case("BetweenOtherLayers", Convolution(small), {real({2, 3, 6, 6})}));
  cases.back().add = [=](Graph& graph, const std::vector<Value>& x) {
    const Value first = graph.add("tanh", Tanh(), {graph.add("layer", Convolution(small), x)});
    const Value pooled = graph.add("pool", Pooling({.kind = PoolingKind::average}), {first});
    const Value second = graph.add("layer2", Convolution(small), {pooled});
    return graph.add("fc", Linear({.out_features = 3}), {second});
  };
  for (LayerCase& each : cases) {
    each.threads_agree = false;  // the library sums parameter gradients thread by thread
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Convolution, LayerCheck, testing::ValuesIn(convolution_cases()),
                         name_of_case);

TEST(Convolution, FollowsChangedParametersInEvaluation) {
  const LayerCase layer =
      layer_case("", Convolution({.out_channels = 1, .algorithm = ConvolutionAlgorithm::direct}),
                 {{{{1, 1, 1, 1}}, {3.0f}}});
  CheckedLayer checked(layer, {.phase = Phase::evaluate, .backward = false});
  for (const float weight : {2.0f, 5.0f}) {
    checked.set("layer.weight", {weight});
    checked.set("layer.bias", {1.0f});
    EXPECT_EQ(checked.run().outputs[0], (Floats{3.0f * weight + 1.0f}));
  }
}

TEST(Convolution, FollowsChangedFrozenParametersWhileOthersAreTrained) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  params.freeze("encoder.*");
  Graph graph;
  const ConvolutionOptions one{
      .out_channels = 1, .bias = false, .algorithm = ConvolutionAlgorithm::direct};
  const Value x = graph.input("x", {{1, 1, 1, 1}});
  const Value y =
      graph.add("decoder", Convolution(one), {graph.add("encoder.0", Convolution(one), {x})});
  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = options.seeds = {y};
  Program program = Program::compile(context, graph, params, options);
  *program.value(x).as<float>() = 1.0f;
  params.set_value(params.find("encoder.0.weight"), std::vector<float>{2.0f});
  params.set_value(params.find("decoder.weight"), std::vector<float>{3.0f});
  const auto result = [&] {
    program.forward(context);
    return *program.value(y).as<float>();
  };
  EXPECT_EQ(result(), 6.0f);
  *params.value(params.find("decoder.weight")).as<float>() = 5.0f;
  params.touch_trainable();
  EXPECT_EQ(result(), 10.0f);
  params.set_value(params.find("encoder.0.weight"), std::vector<float>{7.0f});
  EXPECT_EQ(result(), 35.0f);
}

TEST(Convolution, NamesWhatDoesNotFit) {
  const ConvolutionOptions options{.out_channels = 4, .window = Window::square(3)};
  EXPECT_EQ(compile_error(Convolution(options), {real({2, 3, 4})}),
            "layer (convolution): x must be f32 or bf16 [N,C,H,W], got f32[2,3,4]");
  EXPECT_NE(compile_error(Convolution(options), {real({2, 3, 2, 4})}).find("layer (convolution): "),
            std::string::npos);
  const ConvolutionOptions grouped{.out_channels = 4, .window = Window::square(1), .groups = 2};
  EXPECT_NE(compile_error(Convolution(grouped), {real({1, 3, 4, 4})}).find("groups"),
            std::string::npos);
}

}  // namespace
}  // namespace lrcn::test
