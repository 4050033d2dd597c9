#include "tools/eval/cider.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/error.h"

namespace lrcn::test {
namespace {

TEST(Cider, IsTenForTheReferencesThemselves) {
  const std::vector<ScoreCase> cases{{{1, 2, 3, 4, 5}, {{1, 2, 3, 4, 5}}},
                                     {{6, 7, 8, 9}, {{6, 7, 8, 9}}}};
  const CiderScores scores = cider_scores(cases);
  EXPECT_NEAR(scores.images[0], 10, 1e-12);
  EXPECT_NEAR(scores.corpus, 10, 1e-12);
}

TEST(Cider, IsZeroForOneImage) {
  EXPECT_EQ(cider_scores(std::vector<ScoreCase>{{{1, 2, 3, 4}, {{1, 2, 3, 4}}}}).corpus, 0);
}

TEST(Cider, IgnoresWordsThatEveryImageHas) {
  // Word 1 stands in both images: its weight is log 2 - log 2.
  const CiderScores scores = cider_scores(std::vector<ScoreCase>{{{1}, {{1, 2}}}, {{1}, {{1, 3}}}});
  EXPECT_EQ(scores.images, (std::vector<double>{0, 0}));
}

TEST(Cider, CountsDocumentsOnceForAnImageWithTwoReferences) {
  // Word 1 is in two references of one image: df = 1, weight log 2. Unigrams alone match, n = 1.
  const CiderScores scores =
      cider_scores(std::vector<ScoreCase>{{{1}, {{1}, {1}}}, {{2}, {{3}, {3}}}});
  EXPECT_NEAR(scores.images[0], 10.0 / 4, 1e-12);
}

TEST(Cider, ClipsRepeatedWordsAndPunishesTheLength) {
  // Result 1 1 against reference 1: min(2w, w) w / (2w w) = 1/2; one bigram more.
  const CiderScores scores = cider_scores(std::vector<ScoreCase>{{{1, 1}, {{1}}}, {{2}, {{3}}}});
  EXPECT_NEAR(scores.images[0], 10.0 / 4 * 0.5 * std::exp(-1.0 / 72), 1e-12);
}

TEST(Cider, IsZeroForEmptySentences) {
  const CiderScores scores =
      cider_scores(std::vector<ScoreCase>{{{}, {{1, 2}}}, {{1}, {{}}}, {{}, {{}}}});
  EXPECT_EQ(scores.images, (std::vector<double>{0, 0, 0}));
}

TEST(Cider, RefusesNoImagesAndImagesWithoutReferences) {
  EXPECT_THROW(cider_scores({}), ArgumentError);
  EXPECT_THROW(cider_scores(std::vector<ScoreCase>{{{1}, {}}}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
