// Races between candidates whose times are given, and choices that are kept.
#include "kernels/fastest.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.h"
#include "kernels/algorithm_choices.h"

namespace lrcn::test {
namespace {

// Takes `times` one after the other, the last one for ever, and counts what it is asked.
struct Runner {
  std::vector<double> times;
  std::vector<int> asked = {};

  TimedRun run() {
    return [this](int repetitions) {
      asked.push_back(repetitions);
      return times[std::min(asked.size(), times.size()) - 1];
    };
  }
};

TEST(Fastest, CountsTheBestTurnOfEach) {
  Runner slow{{1.0, 0.9, 0.9, 0.9}};
  Runner disturbed{{1.0, 1.2, 1.1, 0.8, 1.1}};
  const TimedRun runs[] = {slow.run(), disturbed.run()};
  EXPECT_EQ(fastest_of(runs), 1u);
}

TEST(Fastest, DoesNotCountTheFirstRun) {
  Runner steady{{1.0}};
  Runner first_only{{0.1, 1.1}};
  const TimedRun runs[] = {first_only.run(), steady.run()};
  EXPECT_EQ(fastest_of(runs), 1u);
}

TEST(Fastest, GivesTiesToTheFirst) {
  Runner a{{1.0}};
  Runner b{{1.0}};
  const TimedRun runs[] = {a.run(), b.run()};
  EXPECT_EQ(fastest_of(runs), 0u);
}

TEST(Fastest, RepeatsShortRunsAndLeavesOutWhoIsFarBehind) {
  Runner close_one{{1e-4}};
  Runner close_two{{1.1e-4}};
  Runner far_behind{{2e-4}};
  const TimedRun runs[] = {far_behind.run(), close_two.run(), close_one.run()};
  EXPECT_EQ(fastest_of(runs), 2u);
  EXPECT_EQ(far_behind.asked, (std::vector<int>{1, 1}));
  EXPECT_EQ(close_one.asked, (std::vector<int>{1, 1, 20, 20, 20}));
}

TEST(Fastest, StopsWhenOneIsLeft) {
  Runner winner{{1e-3}};
  Runner loser{{1.0}};
  const TimedRun runs[] = {winner.run(), loser.run()};
  EXPECT_EQ(fastest_of(runs), 0u);
  EXPECT_EQ(winner.asked.size(), 2u);
}

TEST(Fastest, NeedsACandidate) { EXPECT_THROW(fastest_of({}), ArgumentError); }

class AlgorithmChoice : public testing::Test {
 protected:
  std::size_t choose(std::size_t fastest) {
    return choices_.choose("problem", names_, 0, [&, fastest] {
      ++measured_;
      return fastest;
    });
  }

  Context context_{Device::cpu()};
  AlgorithmChoices choices_{context_};
  const std::vector<std::string> names_ = {"one", "two", "three"};
  int measured_ = 0;
};

TEST_F(AlgorithmChoice, MeasuresOnceAndKeepsTheWinner) {
  EXPECT_EQ(choose(2), 2u);
  EXPECT_EQ(choose(1), 2u);
  EXPECT_EQ(measured_, 1);
  EXPECT_EQ(choices_.entries(), (AlgorithmChoices::Entries{{"problem", "three"}}));
}

TEST_F(AlgorithmChoice, FollowsWhatWasLoadedAndMeasuresUnknownNamesAgain) {
  choices_.load({{"problem", "two"}});
  EXPECT_EQ(choose(2), 1u);
  EXPECT_EQ(measured_, 0);
  choices_.load({{"problem", "of another version"}});
  EXPECT_EQ(choose(2), 2u);
  EXPECT_EQ(measured_, 1);
}

TEST_F(AlgorithmChoice, GuessesAndKeepsNothingWhereNothingIsMeasured) {
  choices_.set_measures(false);
  EXPECT_EQ(choose(2), 0u);
  EXPECT_EQ(measured_, 0);
  EXPECT_TRUE(choices_.entries().empty());
  choices_.load({{"problem", "three"}});
  EXPECT_EQ(choose(1), 2u);
}

}  // namespace
}  // namespace lrcn::test
