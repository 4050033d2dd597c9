// Values that change their element type between layers.
#include <gtest/gtest.h>

#include <vector>

#include "core/transfer.h"
#include "kernels/elementwise.h"
#include "layers/graph/program.h"

namespace lrcn {
namespace {

// y = x, in bf16.
class Rounded final : public Layer {
 public:
  std::string_view type() const override { return "rounded"; }
  std::vector<TensorSpec> plan(Planner& planner) override {
    planner.request_dtype(0, DType::bf16);
    return {planner.input(0)};
  }
  void forward(Context& context, const Frame& frame) override {
    copy_to(context, frame.x[0], frame.y[0]);
  }
  void backward(Context& context, const Frame& frame) override {
    copy_to(context, frame.dy[0], frame.dx[0]);
  }
};

// y = 2 x, in f32.
class Doubled final : public Layer {
 public:
  std::string_view type() const override { return "doubled"; }
  std::vector<TensorSpec> plan(Planner& planner) override { return {planner.input(0)}; }
  void forward(Context& context, const Frame& frame) override {
    scale_by(context, frame.x[0], 2.0f, frame.y[0]);
  }
  void backward(Context& context, const Frame& frame) override {
    scale_by(context, frame.dy[0], 2.0f, frame.dx[0]);
  }
};

std::vector<float> read(Tensor tensor) {
  std::vector<float> values(std::size_t(tensor.elements()));
  download(values.data(), tensor);
  return values;
}

TEST(Program, CastsWhereALayerWantsAnotherType) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  Graph graph;
  const Value x = graph.input("x", {{3}});
  const Value rounded = graph.add("rounded", Rounded(), {x});
  const Value y = graph.add("y", Doubled(), {rounded});
  CompileOptions options;
  options.phase = Phase::train;
  options.outputs = {rounded, y};
  options.seeds = {y};
  options.input_gradients = {x};
  options.poison = true;
  Program program = Program::compile(context, graph, params, options);
  const std::vector<std::string> lines = program.describe();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].substr(0, 15), "x.to_bf16  cast") << lines[0];
  EXPECT_EQ(lines[2].substr(0, 20), "rounded.to_f32  cast") << lines[2];

  const float third = 1.0f / 3.0f;
  const std::vector<float> values = {third, 1.0f, -2.5f};
  upload(program.value(x), values.data());
  program.forward(context);
  const float rounded_third = to_float(to_bfloat16(third));
  EXPECT_NE(rounded_third, third);
  EXPECT_EQ(read(program.value(rounded)), (std::vector<float>{rounded_third, 1.0f, -2.5f}));
  EXPECT_EQ(read(program.value(y)), (std::vector<float>{2.0f * rounded_third, 2.0f, -5.0f}));
  upload(program.gradient(y), values.data());
  program.backward(context);
  EXPECT_EQ(read(program.gradient(x)), (std::vector<float>{2.0f * rounded_third, 2.0f, -5.0f}));
}

}  // namespace
}  // namespace lrcn
