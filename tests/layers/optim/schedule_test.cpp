#include "layers/optim/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/error.h"

namespace lrcn::test {
namespace {

using Kind = Schedule::Kind;

std::vector<double> rates(const Schedule& schedule, const std::vector<std::int64_t>& steps) {
  schedule.validate();
  std::vector<double> rates;
  for (const std::int64_t step : steps) {
    rates.push_back(schedule.at(step));
  }
  return rates;
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], 1e-15) << "entry " << i;
  }
}

TEST(Schedule, StaysConstant) {
  expect_near(rates({.kind = Kind::constant, .base = 0.25}, {0, 1, 1'000'000'000'000}),
              {0.25, 0.25, 0.25});
}

TEST(Schedule, HalvesEveryTwentyThousandSteps) {
  expect_near(rates({.kind = Kind::step, .base = 0.01, .factor = 0.5, .every = 20'000},
                    {0, 19'999, 20'000, 39'999, 40'000, 110'000}),
              {0.01, 0.01, 0.005, 0.005, 0.0025, 0.0003125});
}

TEST(Schedule, DecaysByEpochFromALaterEpochOn) {
  expect_near(
      rates({.kind = Kind::step, .base = 2e-3, .factor = 0.97, .every = 423, .begin = 10 * 423},
            {0, 4229, 4230, 4652, 4653, 5076}),
      {2e-3, 2e-3, 2e-3, 2e-3, 1.94e-3, 1.8818e-3});
}

TEST(Schedule, DecaysExponentiallyByStep) {
  expect_near(
      rates({.kind = Kind::exponential, .base = 1.0, .factor = 0.9, .every = 1}, {0, 1, 2, 3}),
      {1.0, 0.9, 0.81, 0.729});
}

TEST(Schedule, DecaysExponentiallyWithoutJumps) {
  expect_near(
      rates({.kind = Kind::exponential, .base = 4.0, .factor = 0.25, .every = 2}, {0, 1, 2, 3, 4}),
      {4.0, 2.0, 1.0, 0.5, 0.25});
}

TEST(Schedule, FollowsHalfACosineToTheFloorAndStaysThere) {
  const double root = std::sqrt(0.5);
  expect_near(
      rates({.kind = Kind::cosine, .base = 1.1, .total = 4, .floor = 0.1}, {0, 1, 2, 3, 4, 5, 400}),
      {1.1, 0.1 + (1 + root) / 2, 0.6, 0.1 + (1 - root) / 2, 0.1, 0.1, 0.1});
}

TEST(Schedule, WarmsUpLinearlyToTheBaseRate) {
  expect_near(rates({.kind = Kind::constant, .base = 1.0, .warmup = 4}, {0, 1, 2, 3, 4, 5}),
              {0.25, 0.5, 0.75, 1.0, 1.0, 1.0});
}

TEST(Schedule, CountsTheRuleFromTheEndOfTheWarmUp) {
  expect_near(
      rates({.kind = Kind::step, .base = 1.0, .factor = 0.5, .every = 2, .warmup = 2, .begin = 1},
            {0, 1, 2, 3, 4, 5, 7}),
      {0.5, 1.0, 1.0, 1.0, 1.0, 0.5, 0.25});
  expect_near(rates({.kind = Kind::cosine, .base = 1.0, .total = 6, .warmup = 2}, {1, 2, 4, 6}),
              {1.0, 1.0, 0.5, 0.0});
}

TEST(Schedule, KnowsItsKindsByName) {
  for (const Kind kind : {Kind::constant, Kind::step, Kind::exponential, Kind::cosine}) {
    EXPECT_EQ(parse_schedule_kind(name_of(kind)), kind);
  }
  EXPECT_THROW(parse_schedule_kind("linear"), ArgumentError);
}

TEST(Schedule, RefusesFieldsOutOfRange) {
  EXPECT_THROW(Schedule({.base = -1.0}).validate(), ArgumentError);
  EXPECT_THROW(Schedule({.base = std::nan("")}).validate(), ArgumentError);
  EXPECT_THROW(Schedule({.warmup = -1}).validate(), ArgumentError);
  EXPECT_THROW(Schedule({.kind = Kind::step, .every = 0}).validate(), ArgumentError);
  EXPECT_THROW(Schedule({.kind = Kind::exponential, .factor = 0.0}).validate(), ArgumentError);
  EXPECT_THROW(Schedule({.kind = Kind::cosine, .total = 0}).validate(), ArgumentError);
  EXPECT_THROW(Schedule({.kind = Kind::cosine, .total = 10, .warmup = 10}).validate(),
               ArgumentError);
  EXPECT_THROW(Schedule({.kind = Kind::cosine, .base = 0.1, .total = 10, .floor = 0.2}).validate(),
               ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
