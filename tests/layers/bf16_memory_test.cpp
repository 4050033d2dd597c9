// Activations stay in bf16 from layer to layer.
#include <gtest/gtest.h>

#include <optional>

#include "core/error.h"
#include "layers/activation.h"
#include "layers/concat.h"
#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/graph/conversion_layers.h"
#include "layers/graph/program.h"
#include "layers/leaky_relu.h"
#include "layers/lrn.h"
#include "layers/pooling.h"
#include "layers/reshape.h"
#include "layers/softmax.h"
#include "layers/softmax_cross_entropy.h"
#include "layers/sum.h"

namespace lrcn::test {
namespace {

class Bf16Memory : public testing::Test {
 protected:
  void SetUp() override {
    try {
      context_.emplace(Device::cuda(0));
    } catch (const DeviceError& error) {
      GTEST_SKIP() << error.what();
    }
    context_->set_precision(Precision::bf16);
  }

  Value bf16_input(const std::string& name, const Shape& shape) {
    return graph_.add(name, CastLayer(DType::bf16), {graph_.input(name + "_in", {shape})});
  }

  // What a training program reports of its steps.
  std::vector<std::string> steps_of(const Value& output) {
    ParamStore params(context_->device());
    CompileOptions options;
    options.phase = Phase::train;
    options.outputs = {output};
    options.seeds = {output};
    return Program::compile(*context_, graph_, params, options).describe();
  }

  // The step of this name.
  std::string step_of(const Value& output, const std::string& name) {
    for (const std::string& line : steps_of(output)) {
      if (line.substr(0, line.find(' ')) == name) {
        return line;
      }
    }
    return {};
  }

  std::optional<Context> context_;
  Graph graph_;
};

TEST_F(Bf16Memory, NothingIsCastBetweenLayersThatTakeIt) {
  Value x = bf16_input("image", {2, 8, 6, 6});
  x = graph_.add("relu", Relu(), {x});
  x = graph_.add("leaky_relu", LeakyRelu(0.1f), {x});
  x = graph_.add("pool", Pooling({.window = Window::square(2, 2)}), {x});
  x = graph_.add("lrn", Lrn(), {x});
  x = graph_.add("reshape", Reshape({2, 72}), {x});
  x = graph_.add("dropout", Dropout(0.5f), {x});
  x = graph_.add("sum", Sum(), {x, x});
  x = graph_.add("concat", Concat(1), {x, bf16_input("feature", {2, 8})});
  x = graph_.add("softmax", Softmax(), {x});
  const std::vector<std::string> steps = steps_of(x);
  EXPECT_EQ(steps, (std::vector<std::string>{
                       "image  cast  bf16[2,8,6,6]", "relu  relu  bf16[2,8,6,6]",
                       "leaky_relu  leaky_relu  bf16[2,8,6,6]", "pool  pooling  bf16[2,8,3,3]",
                       "lrn  lrn  bf16[2,8,3,3]", "reshape  reshape  bf16[2,72]",
                       "dropout  dropout  bf16[2,72]", "sum  sum  bf16[2,72]",
                       "feature  cast  bf16[2,8]", "concat  concat  bf16[2,80]",
                       "softmax  softmax  bf16[2,80]", "softmax.to_f32  cast  f32[2,80]"}));
}

TEST_F(Bf16Memory, TheLossOfScoresInBf16IsF32) {
  const Value logits = bf16_input("logits", {3, 2, 5});
  const Value targets = graph_.input("targets", {{3, 2}, DType::i32});
  const Value loss = graph_.add("loss", SoftmaxCrossEntropy(), {logits, targets});
  EXPECT_EQ(steps_of(loss),
            (std::vector<std::string>{"logits  cast  bf16[3,2,5]",
                                      "loss  softmax_cross_entropy  f32[]  f32[2]  f32[3,2]"}));
}

TEST_F(Bf16Memory, AnEmbeddingIsLookedUpInThePrecisionOfTheContext) {
  const Value ids = graph_.input("ids", {{4}, DType::i32});
  const Value rows = graph_.add("rows", Embedding({.vocabulary = 7, .features = 3}), {ids});
  EXPECT_EQ(step_of(rows, "rows"), "rows  embedding  bf16[4,3]");
  context_->set_precision(Precision::tf32);
  EXPECT_EQ(step_of(rows, "rows"), "rows  embedding  f32[4,3]");
}

TEST_F(Bf16Memory, WhatIsJoinedIsBf16WhereOneOfTheInputsIs) {
  const Value wide = graph_.input("wide", {{2, 3}});
  const Value narrow = bf16_input("narrow", {2, 3});
  const Value both = graph_.add("both", Concat(0), {wide, narrow});
  const Value sum = graph_.add("sum", Sum(), {wide, narrow});
  const Value plain = graph_.add("plain", Sum(), {wide, wide});
  EXPECT_EQ(step_of(both, "both"), "both  concat  bf16[4,3]");
  EXPECT_EQ(step_of(sum, "sum"), "sum  sum  bf16[2,3]");
  EXPECT_EQ(step_of(plain, "plain"), "plain  sum  f32[2,3]");
}

}  // namespace
}  // namespace lrcn::test
