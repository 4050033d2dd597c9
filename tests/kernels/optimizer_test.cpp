#include "kernels/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/test_tensor.h"
#include "tests/reference/optimizer.h"

namespace lrcn::test {
namespace {

using reference::Weight;

// What each rule does, as kernel and as reference.
struct Rule {
  const char* name;
  void (*update)(Context&, const UpdateArena&, float decay);
  void (*reference)(Weight&, double g, double rate, double t);
};

const Rule kRules[] = {
    {"sgd",
     [](Context& context, const UpdateArena& arena, float decay) {
       sgd_update(context, arena, {.momentum = 0.9f, .weight_decay = decay});
     },
     [](Weight& w, double g, double rate, double) { reference::sgd(w, g, rate, 0.9); }},
    {"adam",
     [](Context& context, const UpdateArena& arena, float decay) {
       adam_update(context, arena, {.weight_decay = decay});
     },
     reference::adam},
    {"rmsprop",
     [](Context& context, const UpdateArena& arena, float decay) {
       rmsprop_update(context, arena, {.weight_decay = decay});
     },
     [](Weight& w, double g, double rate, double) { reference::rmsprop(w, g, rate); }},
};

class Update : public testing::TestWithParam<Rule> {
 protected:
  Update() { context_.set_step_state({.learning_rate = 0.01f, .gradient_scale = 0.5f}); }
  UpdateArena arena(const TestTensor& value, const TestTensor& gradient, const TestTensor& state,
                    const TestTensor& state2, std::span<const UpdateSegment> segments) const {
    return {.value = value,
            .gradient = gradient,
            .state = state,
            .state2 = state2,
            .segments = segments};
  }
  Context context_{Device::cpu()};
};

TEST_P(Update, FollowsTheReferenceForTenSteps) {
  for (const std::int64_t size : {1, 31, 32, 33, 20001}) {
    const TestTensor value({size}, random_floats(size, 1));
    const TestTensor gradient{size};
    const TestTensor state({size}, std::vector<float>(std::size_t(size), 0.0f));
    const TestTensor state2({size}, std::vector<float>(std::size_t(size), 0.0f));
    const std::vector<UpdateSegment> segments = {{0, size, 2.0f, 0.5f}};
    std::vector<Weight> want;
    for (const float v : value.floats()) {
      want.push_back({.value = v});
    }
    for (int step = 0; step < 10; ++step) {
      gradient.assign(random_floats(size, std::uint64_t(step + 2)));
      StepState state_now = context_.step_state();
      state_now.step = std::uint64_t(step);
      context_.set_step_state(state_now);
      GetParam().update(context_, arena(value, gradient, state, state2, segments), 0.004f);
      const std::vector<float> g = gradient.floats();
      for (std::size_t i = 0; i < want.size(); ++i) {
        const double scaled = 0.5 * double(g[i]) + 0.002 * want[i].value;
        GetParam().reference(want[i], scaled, 0.02, step + 1);
      }
    }
    std::vector<double> values;
    for (const Weight& w : want) {
      values.push_back(w.value);
    }
    expect_near(value.floats(), values, 1e-5);
  }
}

TEST_P(Update, TouchesOnlySegmentsThatLearn) {
  const std::int64_t size = 100;
  const TestTensor value({size}, random_floats(size, 1));
  const TestTensor gradient({size}, random_floats(size, 2));
  const TestTensor state({size}, random_floats(size, 3, 0.0f, 1.0f));
  const TestTensor state2({size}, random_floats(size, 4, 0.0f, 1.0f));
  const std::vector<float> value_before = value.floats();
  const std::vector<float> state_before = state.floats();
  const std::vector<float> state2_before = state2.floats();
  const std::vector<UpdateSegment> segments = {
      {10, 20, 1.0f, 1.0f}, {20, 43, 0.0f, 1.0f}, {60, 60, 1.0f, 1.0f}, {99, 100, 0.5f, 0.0f}};
  GetParam().update(context_, arena(value, gradient, state, state2, segments), 0.1f);
  const std::vector<float> value_after = value.floats();
  for (std::size_t i = 0; i < std::size_t(size); ++i) {
    const bool learns = (i >= 10 && i < 20) || i == 99;
    EXPECT_EQ(value_after[i] != value_before[i], learns) << i;
    if (!learns) {
      EXPECT_EQ(state.floats()[i], state_before[i]);
      EXPECT_EQ(state2.floats()[i], state2_before[i]);
    }
  }
}

TEST_P(Update, TouchesNothingWhenTheScaleOfGradientsIsNoNumber) {
  const std::int64_t size = 40;
  const TestTensor value({size}, random_floats(size, 1));
  const TestTensor gradient({size}, random_floats(size, 2));
  const TestTensor state({size}, random_floats(size, 3, 0.0f, 1.0f));
  const TestTensor state2({size}, random_floats(size, 4, 0.0f, 1.0f));
  const std::vector<float> before[] = {value.floats(), state.floats(), state2.floats()};
  const std::vector<UpdateSegment> segments = {{0, size}};
  context_.set_step_state({.learning_rate = 0.01f, .gradient_scale = std::nanf("")});
  GetParam().update(context_, arena(value, gradient, state, state2, segments), 0.1f);
  EXPECT_EQ(value.floats(), before[0]);
  EXPECT_EQ(state.floats(), before[1]);
  EXPECT_EQ(state2.floats(), before[2]);
}

TEST_P(Update, DoesNotDependOnTheNumberOfThreads) {
  const auto once = [&] {
    const std::int64_t size = 100001;
    const TestTensor value({size}, random_floats(size, 1));
    const TestTensor gradient({size}, random_floats(size, 2));
    const TestTensor state({size}, random_floats(size, 3, 0.0f, 1.0f));
    const TestTensor state2({size}, random_floats(size, 4, 0.0f, 1.0f));
    const std::vector<UpdateSegment> segments = {{0, 50000}, {50000, size}};
    GetParam().update(context_, arena(value, gradient, state, state2, segments), 0.1f);
    return value.floats();
  };
  expect_same_bits(with_threads(1, once), with_threads(2, once));
}

TEST_P(Update, RefusesTensorsOfOtherLengths) {
  const TestTensor three{3};
  const TestTensor four{4};
  const TestTensor square{2, 2};
  const auto refuses = [&](const UpdateArena& wrong) {
    EXPECT_THROW(GetParam().update(context_, wrong, 0.0f), ArgumentError);
  };
  refuses({.value = three, .gradient = four, .state = three, .state2 = three});
  refuses({.value = three, .gradient = three, .state = four, .state2 = three});
  refuses({.value = three, .gradient = three, .state = {}, .state2 = three});
  refuses({.value = square, .gradient = square, .state = square, .state2 = square});
}

INSTANTIATE_TEST_SUITE_P(Rules, Update, testing::ValuesIn(kRules),
                         [](const auto& test) { return std::string(test.param.name); });

// lr 0.1, gradient 1: the first step of Adam is as long as the learning rate, whatever the scale.
TEST(AdamUpdate, FirstStepIsTheLearningRate) {
  Context context(Device::cpu());
  context.set_step_state({.learning_rate = 0.1f});
  const TestTensor value({2}, std::vector<float>{1.0f, 1.0f});
  const TestTensor gradient({2}, std::vector<float>{3.0f, -1e-3f});
  const TestTensor state({2}, std::vector<float>{0, 0});
  const TestTensor state2({2}, std::vector<float>{0, 0});
  const std::vector<UpdateSegment> segments = {{0, 2}};
  adam_update(context,
              {.value = value,
               .gradient = gradient,
               .state = state,
               .state2 = state2,
               .segments = segments},
              {});
  expect_near(value.floats(), std::vector<double>{0.9, 1.1}, 1e-5);
}

}  // namespace
}  // namespace lrcn::test
