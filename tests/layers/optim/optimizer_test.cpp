// Optimizers against the textbook rules in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>

#include "core/error.h"
#include "layers/optim/adam.h"
#include "layers/optim/rmsprop.h"
#include "layers/optim/sgd.h"
#include "tests/layers/optim/small_store.h"

namespace lrcn::test {
namespace {

constexpr double kRate = 0.05;
constexpr double kScale = 0.5;
constexpr double kDecay = 0.01;
constexpr int kSteps = 6;

// One element with its states; t counts from 1.
struct Element {
  double w = 0.0;
  double first = 0.0;
  double second = 0.0;
};
using Rule = std::function<void(Element&, double gradient, double rate, int t)>;

struct Case {
  const char* name;
  std::function<std::unique_ptr<Optimizer>()> make;
  Rule rule;
  std::vector<std::string> states;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

std::vector<Case> cases() {
  return {
      {"sgd",
       [] {
         return std::make_unique<Sgd>(SgdOptions{.momentum = 0.75f, .weight_decay = float(kDecay)});
       },
       [](Element& e, double g, double rate, int) {
         e.first = 0.75 * e.first + rate * g;
         e.w -= e.first;
       },
       {"momentum"}},
      {"adam",
       [] {
         return std::make_unique<Adam>(AdamOptions{
             .beta1 = 0.875f, .beta2 = 0.96875f, .epsilon = 1e-4f, .weight_decay = float(kDecay)});
       },
       [](Element& e, double g, double rate, int t) {
         e.first = 0.875 * e.first + 0.125 * g;
         e.second = 0.96875 * e.second + 0.03125 * g * g;
         const double m = e.first / (1.0 - std::pow(0.875, t));
         const double v = e.second / (1.0 - std::pow(0.96875, t));
         e.w -= rate * m / (std::sqrt(v) + 1e-4);
       },
       {"first_moment", "second_moment"}},
      {"rmsprop",
       [] {
         return std::make_unique<RmsProp>(
             RmsPropOptions{.decay = 0.875f, .epsilon = 1e-4f, .weight_decay = float(kDecay)});
       },
       [](Element& e, double g, double rate, int) {
         e.first = 0.875 * e.first + 0.125 * g * g;
         e.w -= rate * g / (std::sqrt(e.first) + 1e-4);
       },
       {"mean_square"}},
  };
}

class OptimizerTest : public testing::TestWithParam<Case> {
 protected:
  // Steps the optimizer as the trainer does.
  void step(Optimizer& optimizer, ParamStore& params, int t) {
    fill_gradients(params, std::uint64_t(t), 1.0f);
    context_.set_step_state({.step = std::uint64_t(t - 1),
                             .learning_rate = float(kRate),
                             .gradient_scale = float(kScale)});
    optimizer.step(context_, params);
  }

  Context context_{Device::cpu()};
};

TEST_P(OptimizerTest, FollowsTheRuleWithMultipliersScaleAndDecay) {
  ParamStore params = small_store();
  const auto optimizer = GetParam().make();
  std::vector<std::vector<Element>> expected;
  for (std::size_t i = 0; i < params.entries().size(); ++i) {
    auto& elements = expected.emplace_back();
    for (const float value : params.get_value(int(i))) {
      elements.push_back({.w = value});
    }
  }
  for (int t = 1; t <= kSteps; ++t) {
    step(*optimizer, params, t);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const ParamStore::Entry& entry = params.entries()[i];
      for (std::size_t j = 0; !entry.frozen && j < expected[i].size(); ++j) {
        const double gradient = params.gradient(int(i)).span<float>()[j];
        Element& element = expected[i][j];
        GetParam().rule(element, kScale * gradient + kDecay * entry.options.decay_mult * element.w,
                        kRate * entry.options.lr_mult, t);
      }
    }
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::vector<float> found = params.get_value(int(i));
    for (std::size_t j = 0; j < found.size(); ++j) {
      EXPECT_NEAR(found[j], expected[i][j].w, 2e-6) << params.entries()[i].name << " element " << j;
    }
  }
  const std::vector<NamedTensor> states = optimizer->states(params);
  const std::vector<std::pair<std::string, std::size_t>> trainable = {{"a", 0}, {"b", 2}, {"c", 3}};
  ASSERT_EQ(states.size(), trainable.size() * GetParam().states.size());
  for (std::size_t k = 0; k < states.size(); ++k) {
    const auto& [name, index] = trainable[k % trainable.size()];
    const bool second = k >= trainable.size();
    EXPECT_EQ(states[k].name, GetParam().states[second ? 1 : 0] + '/' + name);
    EXPECT_EQ(states[k].tensor.shape(), params.entries()[index].shape);
    for (std::size_t j = 0; j < expected[index].size(); ++j) {
      const Element& element = expected[index][j];
      EXPECT_NEAR(states[k].tensor.span<float>()[j], second ? element.second : element.first, 1e-6)
          << states[k].name << " element " << j;
    }
  }
}

TEST_P(OptimizerTest, ContinuesFromCopiedStates) {
  ParamStore whole = small_store();
  ParamStore halves = small_store();
  const auto one = GetParam().make();
  const auto first = GetParam().make();
  const auto second = GetParam().make();
  for (int t = 1; t <= kSteps; ++t) {
    step(*one, whole, t);
  }
  for (int t = 1; t <= kSteps / 2; ++t) {
    step(*first, halves, t);
  }
  const auto from = first->states(halves);
  const auto to = second->states(halves);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::ranges::copy(from[i].tensor.span<float>(), to[i].tensor.span<float>().begin());
  }
  for (int t = kSteps / 2 + 1; t <= kSteps; ++t) {
    step(*second, halves, t);
  }
  EXPECT_EQ(values_of(whole.flat_values()), values_of(halves.flat_values()));
}

TEST_P(OptimizerTest, ChangesTheVersionAndLeavesGradientsAndFrozenParameters) {
  ParamStore params = small_store();
  const std::uint64_t version = params.version();
  const std::vector<float> fixed = values_of(value_of(params, "fixed"));
  const auto optimizer = GetParam().make();
  step(*optimizer, params, 1);
  EXPECT_NE(params.version(), version);
  EXPECT_EQ(values_of(value_of(params, "fixed")), fixed);
  const std::vector<float> gradients = values_of(params.flat_gradients());
  optimizer->step(context_, params);
  EXPECT_EQ(values_of(params.flat_gradients()), gradients);
}

TEST_P(OptimizerTest, RefusesAStoreThatGrowsAfterTheFirstStep) {
  ParamStore params = small_store();
  const auto optimizer = GetParam().make();
  step(*optimizer, params, 1);
  params.declare("late", {2}, Initializer::constant(0.0f), {});
  params.allocate(true);
  EXPECT_THROW(optimizer->step(context_, params), ArgumentError);
}

TEST_P(OptimizerTest, RefusesAStoreWithoutGradients) {
  ParamStore params(Device::cpu());
  params.declare("a", {2}, Initializer::constant(0.0f), {});
  params.allocate(false);
  EXPECT_THROW(GetParam().make()->step(context_, params), ArgumentError);
}

INSTANTIATE_TEST_SUITE_P(Rules, OptimizerTest, testing::ValuesIn(cases()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Optimizer, RefusesOptionsOutOfRange) {
  EXPECT_THROW(Sgd({.momentum = 1.0f}), ArgumentError);
  EXPECT_THROW(Sgd({.weight_decay = -0.1f}), ArgumentError);
  EXPECT_THROW(Adam({.beta1 = -0.1f}), ArgumentError);
  EXPECT_THROW(Adam({.beta2 = 1.0f}), ArgumentError);
  EXPECT_THROW(Adam({.epsilon = 0.0f}), ArgumentError);
  EXPECT_THROW(RmsProp({.decay = 1.5f}), ArgumentError);
  EXPECT_THROW(RmsProp({.epsilon = std::nanf("")}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
