#include "layers/graph/program.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "core/error.h"
#include "layers/activation.h"
#include "layers/reshape.h"

namespace lrcn {
namespace {

// y = w x with one trainable factor per element; the smallest layer with all that matters here.
class Factor final : public Layer {
 public:
  explicit Factor(float first) : first_(first) {}

  std::string_view type() const override { return "factor"; }
  std::vector<TensorSpec> plan(Planner& planner) override {
    planner.expect_inputs(1, 1);
    check(planner.input(0).shape.rank() >= 1, "x must have at least one axis, got ",
          planner.input(0).shape);
    planner.param("w", {planner.input(0).elements()}, Initializer::constant(first_));
    planner.keep_input(0);
    return {planner.input(0)};
  }
  void forward(Context&, const Frame& frame) override {
    for (std::int64_t i = 0; i < frame.x[0].elements(); ++i) {
      frame.y[0].as<float>()[i] = frame.params[0].as<float>()[i] * frame.x[0].as<float>()[i];
    }
  }
  void backward(Context&, const Frame& frame) override {
    for (std::int64_t i = 0; i < frame.x[0].elements(); ++i) {
      const float dy = frame.dy[0].as<float>()[i];
      if (frame.dx[0]) {
        frame.dx[0].as<float>()[i] = frame.params[0].as<float>()[i] * dy;
      }
      if (frame.grads[0]) {
        frame.grads[0].as<float>()[i] += frame.x[0].as<float>()[i] * dy;
      }
    }
    ++calls;
  }
  static inline int calls = 0;  // backward passes of all Factor layers

 private:
  float first_;
};

// y = a + b.
class Add final : public Layer {
 public:
  std::string_view type() const override { return "add"; }
  std::vector<TensorSpec> plan(Planner& planner) override { return {planner.input(0)}; }
  void forward(Context&, const Frame& frame) override {
    for (std::int64_t i = 0; i < frame.y[0].elements(); ++i) {
      frame.y[0].as<float>()[i] = frame.x[0].as<float>()[i] + frame.x[1].as<float>()[i];
    }
  }
  void backward(Context&, const Frame& frame) override {
    for (const Tensor& dx : frame.dx) {
      for (std::int64_t i = 0; dx && i < dx.elements(); ++i) {
        dx.as<float>()[i] = frame.dy[0].as<float>()[i];
      }
    }
  }
};

void write(Tensor tensor, std::vector<float> values) {
  ASSERT_EQ(tensor.elements(), std::int64_t(values.size()));
  std::copy(values.begin(), values.end(), tensor.as<float>());
}

std::vector<float> read(Tensor tensor) {
  return {tensor.as<float>(), tensor.as<float>() + tensor.elements()};
}

CompileOptions training(std::vector<Value> seeds, std::vector<Value> input_gradients = {}) {
  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = seeds;
  options.seeds = std::move(seeds);
  options.input_gradients = std::move(input_gradients);
  options.poison = true;
  return options;
}

TEST(Program, AddsTheGradientsOfAllReadersOfAValue) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {{3}});
  const Value shared = graph.add("shared", Factor(2.0f), {x});
  const Value a = graph.add("a", Factor(3.0f), {shared});
  const Value b = graph.add("b", Factor(5.0f), {shared});
  const Value c = graph.add("c", Add(), {a, b});
  const Value d = graph.add("d", Add(), {c, shared});
  Program program = Program::compile(context, graph, params, training({d}, {x}));
  write(program.value(x), {1.0f, 2.0f, -1.0f});
  program.forward(context);
  EXPECT_EQ(read(program.value(d)), (std::vector<float>{18.0f, 36.0f, -18.0f}));
  write(program.gradient(d), {1.0f, 1.0f, 10.0f});
  program.backward(context);
  EXPECT_EQ(read(program.gradient(x)), (std::vector<float>{18.0f, 18.0f, 180.0f}));
  EXPECT_EQ(read(params.gradient(params.find("shared.w"))),
            (std::vector<float>{9.0f, 18.0f, -90.0f}));
}

TEST(Program, AddsToParameterGradientsOverSeveralPasses) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {{2}});
  const Value y = graph.add("y", Factor(1.0f), {x});
  Program program = Program::compile(context, graph, params, training({y}));
  write(program.value(x), {1.0f, 2.0f});
  for (int pass = 0; pass < 3; ++pass) {
    program.forward(context);
    write(program.gradient(y), {1.0f, 1.0f});
    program.backward(context);
  }
  EXPECT_EQ(read(params.gradient(0)), (std::vector<float>{3.0f, 6.0f}));
}

TEST(Program, DoesNotRunTheBackwardPassOfAFrozenPart) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  params.freeze("encoder.*");
  Graph graph;
  const Value x = graph.input("x", {{2}});
  const Value feature = graph.add("encoder.0", Factor(1.0f), {x});
  const Value feature2 = graph.add("encoder.1", Factor(1.0f), {feature});
  const Value y = graph.add("decoder", Factor(1.0f), {feature2});
  Program program = Program::compile(context, graph, params, training({y}));
  write(program.value(x), {1.0f, 2.0f});
  program.forward(context);
  Factor::calls = 0;
  program.backward(context);
  EXPECT_EQ(Factor::calls, 1);
  for (const MemoryBlock& block : program.memory().blocks) {
    EXPECT_EQ(block.name.find("gradient of encoder"), std::string::npos)
        << "no gradient tensor is needed: " << block.name;
  }
}

TEST(Program, LeavesTheGradientThatASeedWasGivenAsItIs) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {{2}});
  const Value a = graph.add("a", Relu(), {x});
  const Value y = graph.add("y", Factor(3.0f), {a});
  Program program = Program::compile(context, graph, params, training({a, y}, {x}));
  write(program.gradient(a), {10.0f, 10.0f});
  write(program.gradient(y), {1.0f, 1.0f});
  for (const auto& [values, gradients] :
       std::vector<std::pair<std::vector<float>, std::vector<float>>>{
           {{1.0f, -1.0f}, {13.0f, 0.0f}}, {{-1.0f, 1.0f}, {0.0f, 13.0f}}}) {
    write(program.value(x), values);
    program.forward(context);
    program.backward(context);
    EXPECT_EQ(read(program.gradient(x)), gradients);
    EXPECT_EQ(read(program.gradient(a)), (std::vector<float>{10.0f, 10.0f}));
  }
}

TEST(Program, LeavesOutWhatNoOutputNeeds) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {{2}});
  const Value y = graph.add("y", Factor(1.0f), {x});
  graph.add("unused", Factor(1.0f), {x});
  CompileOptions options;
  options.outputs = {y};
  const Program program = Program::compile(context, graph, params, options);
  EXPECT_EQ(program.describe().size(), 1u);
  EXPECT_EQ(params.entries().size(), 1u);
}

TEST(Program, PassesReshapedGradientsThrough) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {{2, 3}});
  const Value a = graph.add("a", Factor(2.0f), {x});
  const Value flat = graph.add("flat", Reshape({6}), {a});
  const Value b = graph.add("b", Factor(3.0f), {flat});
  const Value c = graph.add("c", Factor(4.0f), {a});
  const Value c_flat = graph.add("c_flat", Reshape({-1}), {c});
  const Value y = graph.add("y", Add(), {b, c_flat});
  Program program = Program::compile(context, graph, params, training({y}, {x}));
  write(program.value(x), {1, 2, 3, 4, 5, 6});
  program.forward(context);
  EXPECT_EQ(read(program.value(y)), (std::vector<float>{14, 28, 42, 56, 70, 84}));
  write(program.gradient(y), {1, 1, 1, 1, 1, 2});
  program.backward(context);
  EXPECT_EQ(read(program.gradient(x)), (std::vector<float>{14, 14, 14, 14, 14, 28}));
}

TEST(Program, SharesOneArenaBetweenLengthBuckets) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  const auto arena = std::make_shared<Arena>(Device::cpu());
  std::vector<Program> programs;
  std::vector<Value> outputs;
  std::size_t largest = 0;
  for (const std::int64_t length : {100, 3000, 500}) {
    Graph graph;
    const Value x = graph.input("x", {{length}});
    outputs.push_back(graph.add(concat("y", length), Factor(2.0f), {x}));
    CompileOptions options;
    options.outputs = {outputs.back()};
    options.arena = arena;
    programs.push_back(Program::compile(context, graph, params, options));
    largest = std::max(largest, programs.back().memory().arena_bytes);
  }
  EXPECT_EQ(arena->buffer().bytes(), largest);
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const Tensor x = programs[i].input("x");
    std::iota(x.as<float>(), x.as<float>() + x.elements(), 0.0f);
    programs[i].forward(context);
    EXPECT_EQ(programs[i].value(outputs[i]).as<float>()[x.elements() - 1],
              2.0f * float(x.elements() - 1));
  }
}

TEST(Program, NamesTheLayerThatDoesNotFit) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {Shape{}});
  const Value y = graph.add("decoder.y", Factor(1.0f), {x});
  CompileOptions options;
  options.outputs = {y};
  try {
    Program::compile(context, graph, params, options);
    FAIL() << "compiled";
  } catch (const ArgumentError& error) {
    EXPECT_EQ(std::string(error.what()),
              "decoder.y (factor): x must have at least one axis, got []");
  }
}

TEST(Program, RefusesValuesThatWereNotAskedFor) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {{2}});
  const Value y = graph.add("y", Factor(1.0f), {x});
  const Value z = graph.add("z", Factor(1.0f), {y});
  CompileOptions options;
  options.outputs = {z};
  Program program = Program::compile(context, graph, params, options);
  EXPECT_THROW(program.value(y), ArgumentError);
  EXPECT_THROW(program.gradient(z), ArgumentError);
  EXPECT_THROW(program.input("nothing"), ArgumentError);
  EXPECT_THROW(program.backward(context), ArgumentError);
}

TEST(Program, SaysWhichTensorsAreLargeWhenMemoryDoesNotSuffice) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  params.freeze("*");
  Graph graph;
  const Value x = graph.input("pictures", {{std::int64_t(1) << 46}});
  const Value y = graph.add("flat", Reshape({-1, 2}), {x});
  CompileOptions options;
  options.outputs = {y};
  try {
    Program::compile(context, graph, params, options);
    FAIL() << "256 TiB were allocated";
  } catch (const MemoryError& error) {
    EXPECT_NE(std::string(error.what()).find("pictures"), std::string::npos) << error.what();
  }
}

TEST(Graph, RefusesNamesTwiceAndForeignValues) {
  Graph graph;
  const Value x = graph.input("x", {{2}});
  graph.add("y", Factor(1.0f), {x});
  EXPECT_THROW(graph.add("y", Factor(1.0f), {x}), ArgumentError);
  EXPECT_THROW(graph.add("z", Factor(1.0f), {Value{17, 0}}), ArgumentError);
  EXPECT_THROW(graph.find_input("y"), ArgumentError);
  EXPECT_EQ(graph.find_input("x"), x);
}

}  // namespace
}  // namespace lrcn
