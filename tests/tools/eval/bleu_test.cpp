#include "tools/eval/bleu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/error.h"

namespace lrcn::test {
namespace {

TEST(Bleu, IsOneForTheReferenceItself) {
  const BleuScores scores =
      bleu_scores(std::vector<ScoreCase>{{{1, 2, 3, 4, 5}, {{1, 2, 3, 4, 5}}}});
  for (const double value : scores.corpus) {
    EXPECT_NEAR(value, 1, 1e-8);
  }
}

TEST(Bleu, CountsAWordAtMostAsOftenAsAReferenceHasIt) {
  // "the the the the" against "the cat the": two of four.
  const BleuScores scores = bleu_scores(std::vector<ScoreCase>{{{1, 1, 1, 1}, {{1, 2, 1, 3}}}});
  EXPECT_NEAR(scores.corpus[0], 0.5, 1e-8);
}

TEST(Bleu, PunishesShortResults) {
  const BleuScores scores = bleu_scores(std::vector<ScoreCase>{{{1, 2}, {{1, 2, 3, 4}}}});
  EXPECT_NEAR(scores.corpus[0], std::exp(-1.0), 1e-8);
  EXPECT_NEAR(scores.corpus[1], std::exp(-1.0), 1e-8);
}

TEST(Bleu, ComparesWithTheShorterOfTwoEquallyCloseReferences) {
  // Length 3 against 2 and 4: with 2 there is no penalty.
  const BleuScores scores =
      bleu_scores(std::vector<ScoreCase>{{{1, 2, 3}, {{1, 2, 3, 4}, {1, 2}}}});
  EXPECT_NEAR(scores.corpus[0], 1, 1e-8);
  // Length 3 against 3 and 1: the closest one.
  const BleuScores exact = bleu_scores(std::vector<ScoreCase>{{{1, 9, 8}, {{1}, {1, 2, 3}}}});
  EXPECT_NEAR(exact.corpus[0], 1.0 / 3, 1e-8);
}

TEST(Bleu, SumsCountsOverTheCorpusBeforeItDivides) {
  // 1 of 1 and 1 of 3 unigrams: 2 of 4, not the mean 2/3.
  const BleuScores scores =
      bleu_scores(std::vector<ScoreCase>{{{1}, {{1}}}, {{2, 3, 4}, {{2, 5, 6}}}});
  EXPECT_NEAR(scores.corpus[0], 0.5, 1e-8);
  ASSERT_EQ(scores.images.size(), 2u);
  EXPECT_NEAR(scores.images[0][0], 1, 1e-8);
  EXPECT_NEAR(scores.images[1][0], 1.0 / 3, 1e-8);
}

TEST(Bleu, IsZeroForAnEmptyResultAndFiniteForAnEmptyReference) {
  const BleuScores scores =
      bleu_scores(std::vector<ScoreCase>{{{}, {{1, 2}}}, {{1, 2}, {{}}}, {{}, {{}}}});
  for (const Bleu& image : scores.images) {
    for (const double value : image) {
      EXPECT_TRUE(std::isfinite(value));
      EXPECT_LT(value, 0.01);
    }
  }
}

TEST(Bleu, RefusesNoImagesAndImagesWithoutReferences) {
  EXPECT_THROW(bleu_scores({}), ArgumentError);
  EXPECT_THROW(bleu_scores(std::vector<ScoreCase>{{{1}, {}}}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
