#include "layers/optim/gradients.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "tests/layers/optim/small_store.h"

namespace lrcn::test {
namespace {

TEST(Gradients, AreAllFinite) {
  Context context(Device::cpu());
  const ParamStore params = small_store();
  fill_gradients(params, 1, 1e30f);
  EXPECT_FALSE(find_non_finite(context, params).has_value());
}

TEST(Gradients, NameTheFirstBrokenParameterAndElement) {
  Context context(Device::cpu());
  const ParamStore params = small_store();
  gradient_of(params, "c").span<float>()[16] = std::numeric_limits<float>::infinity();
  auto bad = find_non_finite(context, params);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->name, "c");
  EXPECT_EQ(bad->element, 16);
  EXPECT_EQ(bad->count, 1);
  gradient_of(params, "b").span<float>()[0] = std::nanf("");
  bad = find_non_finite(context, params);
  ASSERT_TRUE(bad.has_value());
  EXPECT_EQ(bad->name, "b");
  EXPECT_EQ(bad->element, 0);
  EXPECT_EQ(bad->count, 2);
}

TEST(Gradients, BecomeZero) {
  Context context(Device::cpu());
  const ParamStore params = small_store();
  fill_gradients(params, 1, 1.0f);
  zero_gradients(context, params);
  for (const float value : values_of(params.flat_gradients())) {
    EXPECT_EQ(value, 0.0f);
  }
}

TEST(Gradients, AreEmptyWhenEverythingIsFrozen) {
  Context context(Device::cpu());
  ParamStore params(Device::cpu());
  params.freeze("*");
  params.declare("a", {3}, Initializer::constant(1.0f), {});
  params.allocate(true);
  EXPECT_EQ(trainable_gradients(params).elements(), 0);
  EXPECT_NO_THROW(zero_gradients(context, params));
}

TEST(Gradients, AreMissedByNameWhenNothingWasCompiledForTraining) {
  ParamStore params(Device::cpu());
  params.declare("decoder.weight", {3}, Initializer::constant(1.0f), {});
  params.allocate(false);
  try {
    trainable_gradients(params);
    FAIL() << "expected an ArgumentError";
  } catch (const ArgumentError& error) {
    EXPECT_NE(std::string(error.what()).find("decoder.weight"), std::string::npos) << error.what();
  }
}

TEST(StepState, IsReadBackAsWritten) {
  Context context(Device::cpu());
  context.set_step_state(
      {.seed = 1ull << 63, .step = 77, .learning_rate = 0.5f, .gradient_scale = 0.25f});
  const StepState state = context.step_state();
  EXPECT_EQ(state.seed, 1ull << 63);
  EXPECT_EQ(state.step, 77u);
  EXPECT_EQ(state.learning_rate, 0.5f);
  EXPECT_EQ(state.gradient_scale, 0.25f);
}

}  // namespace
}  // namespace lrcn::test
