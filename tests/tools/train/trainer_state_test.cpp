#include "tools/train/trainer_state.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

TrainerState example() {
  return {.step = 1000,
          .updates = 998,
          .epoch = 3,
          .batch = 17,
          .batches_per_epoch = 333,
          .seed = std::numeric_limits<std::uint64_t>::max(),
          .optimizer = "adam",
          .evaluation_due = true,
          .best = BestMetric{"cider", 0.123456789012345678, 900},
          .skipped = 2,
          .skipped_in_a_row = 1,
          .examples = 1ll << 40,
          .counted = 5,
          .algorithms = {{"conv", "direct"}, {"convo \"3\"", "winograd"}},
          .files = {{"config.json", 12}, {"model.safetensors", 1ll << 33}}};
}

TEST(TrainerState, IsReadBackAsWritten) {
  EXPECT_EQ(trainer_state_from(Json::parse(to_json(example()).dump(2))), example());
  TrainerState plain = example();
  plain.best.reset();
  plain.algorithms.clear();
  EXPECT_EQ(trainer_state_from(Json::parse(to_json(plain).dump())), plain);
}

TEST(TrainerState, NamesEveryFieldThatIsAbsent) {
  const Json whole = to_json(example());
  for (const auto& [absent, value] : whole.members()) {
    Json part = Json::object();
    for (const auto& [key, other] : whole.members()) {
      if (key != absent) {
        part.set(key, other);
      }
    }
    EXPECT_TRUE(throws_with<DataError>(absent, [&] { trainer_state_from(part); })) << absent;
  }
}

TEST(TrainerState, RefusesValuesOutOfRange) {
  const auto with = [](std::string_view key, Json value) {
    trainer_state_from(to_json(example()).set(key, std::move(value)));
  };
  EXPECT_TRUE(throws_with<DataError>("format 1, got 2", [&] { with("format", 2); }));
  EXPECT_TRUE(throws_with<DataError>("step", [&] { with("step", -1); }));
  EXPECT_TRUE(throws_with<DataError>("step", [&] { with("step", "7"); }));
  EXPECT_TRUE(throws_with<DataError>("batches_per_epoch", [&] { with("batch", 333); }));
  for (const char* seed : {"", "-1", "18446744073709551616", "12a", " 1"}) {
    EXPECT_TRUE(throws_with<DataError>("seed", [&] { with("seed", seed); })) << seed;
  }
  EXPECT_TRUE(throws_with<DataError>("best", [&] { with("best", Json::object()); }));
  EXPECT_TRUE(throws_with<DataError>(
      "algorithms[0]", [&] { with("algorithms", Json::array({Json::array({"a"})})); }));
  EXPECT_TRUE(throws_with<DataError>("files", [&] {
    with("files", Json::object({{"model.safetensors", -5}}));
  }));
}

}  // namespace
}  // namespace lrcn::test
