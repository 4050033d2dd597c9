#include "layers/graph/param_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/error.h"

namespace lrcn {
namespace {

TEST(ParamStore, PutsTrainableParametersFirstAndFrozenOnesBehind) {
  ParamStore store(Device::cpu(), 1);
  store.freeze("encoder.*");
  const int frozen = store.declare("encoder.w", {3, 5}, Initializer::uniform(1.0f), {});
  const int trained = store.declare("decoder.w", {7}, Initializer::uniform(1.0f), {});
  store.allocate(true);
  EXPECT_EQ(store.trainable_elements(), 16);
  EXPECT_FALSE(store.gradient(frozen));
  EXPECT_EQ(store.gradient(trained).shape(), (Shape{7}));
  EXPECT_EQ(store.value(trained).data, store.flat_values().data);
  EXPECT_EQ(store.name_at(3), "decoder.w");
  EXPECT_THROW(store.name_at(16), ArgumentError);
}

TEST(ParamStore, GivesFirstValuesByNameNotByOrder) {
  ParamStore one(Device::cpu(), 5);
  one.declare("a", {9}, Initializer::kaiming(), {});
  const int b_in_one = one.declare("b", {4, 4}, Initializer::xavier(), {});
  one.allocate(false);
  ParamStore other(Device::cpu(), 5);
  const int b_in_other = other.declare("b", {4, 4}, Initializer::xavier(), {});
  other.allocate(false);
  EXPECT_EQ(one.get_value(b_in_one), other.get_value(b_in_other));
  ParamStore reseeded(Device::cpu(), 6);
  const int b_reseeded = reseeded.declare("b", {4, 4}, Initializer::xavier(), {});
  reseeded.allocate(false);
  EXPECT_NE(one.get_value(b_in_one), reseeded.get_value(b_reseeded));
}

TEST(ParamStore, KeepsValuesWhenMoreParametersAreDeclared) {
  ParamStore store(Device::cpu());
  const int first = store.declare("first", {2}, Initializer::constant(0.0f), {});
  store.allocate(true);
  store.set_value(first, std::vector<float>{1.5f, -2.0f});
  const std::uint64_t generation = store.generation();
  store.declare("second", {40}, Initializer::constant(3.0f), {});
  store.allocate(true);
  EXPECT_GT(store.generation(), generation);
  EXPECT_EQ(store.get_value(first), (std::vector<float>{1.5f, -2.0f}));
  EXPECT_EQ(store.get_value(1), std::vector<float>(40, 3.0f));
}

TEST(ParamStore, SharesAParameterOfTheSameNameAndRefusesAnotherShape) {
  ParamStore store(Device::cpu());
  EXPECT_EQ(store.declare("w", {2, 3}, Initializer::kaiming(), {}),
            store.declare("w", {2, 3}, Initializer::kaiming(), {}));
  try {
    store.declare("w", {3, 2}, Initializer::kaiming(), {});
    FAIL() << "another shape was accepted";
  } catch (const ArgumentError& error) {
    EXPECT_NE(std::string(error.what()).find("w"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("[2,3]"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("[3,2]"), std::string::npos);
  }
  EXPECT_THROW(store.freeze("w"), ArgumentError);
}

TEST(ParamStore, CountsChangesOfFrozenValuesApart) {
  ParamStore store(Device::cpu());
  const int w = store.declare("w", {2}, Initializer::constant(0.0f), {});
  store.allocate(false);
  const std::uint64_t version = store.version();
  const std::uint64_t frozen = store.frozen_version();
  store.touch_trainable();
  EXPECT_NE(store.version(), version);
  EXPECT_EQ(store.frozen_version(), frozen);
  store.set_value(w, std::vector<float>{1.0f, 2.0f});
  EXPECT_NE(store.frozen_version(), frozen);
}

TEST(ParamStore, CountsChangesOfValues) {
  ParamStore store(Device::cpu());
  const int w = store.declare("w", {2}, Initializer::constant(0.0f), {});
  store.allocate(false);
  const std::uint64_t version = store.version();
  store.set_value(w, std::vector<float>{1.0f, 2.0f});
  EXPECT_GT(store.version(), version);
  EXPECT_THROW(store.set_value(w, std::vector<float>{1.0f}), ArgumentError);
}

TEST(Patterns, MatchAnyTextWhereThereIsAStar) {
  EXPECT_TRUE(matches("encoder.*", "encoder.features.0.weight"));
  EXPECT_TRUE(matches("*.bias", "decoder.output.bias"));
  EXPECT_TRUE(matches("a*c*e", "abcde"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("encoder.*", "decoder.w"));
  EXPECT_FALSE(matches("a*c", "abcd"));
  EXPECT_FALSE(matches("abc", "ab"));
}

TEST(Initializer, KeepsTheBoundsAndDeviationsItNames) {
  std::vector<float> values(20000);
  const auto mean_square = [&] {
    double sum = 0;
    for (const float value : values) {
      sum += double(value) * double(value);
    }
    return sum / double(values.size());
  };
  initialize(Initializer::uniform(0.08f), 1, "w", {200, 100}, values);
  EXPECT_LE(*std::max_element(values.begin(), values.end()), 0.08f);
  EXPECT_GE(*std::min_element(values.begin(), values.end()), -0.08f);
  EXPECT_NEAR(mean_square(), 0.08 * 0.08 / 3, 5e-5);
  initialize(Initializer::kaiming(), 1, "w", {200, 100}, values);
  EXPECT_NEAR(mean_square(), 2.0 / 100, 1e-3);
  initialize(Initializer::xavier(), 1, "w", {200, 100}, values);
  EXPECT_NEAR(mean_square(), 6.0 / 300 / 3, 3e-4);
}

}  // namespace
}  // namespace lrcn
