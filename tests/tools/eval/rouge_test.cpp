#include "tools/eval/rouge.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.h"

namespace lrcn::test {
namespace {

TEST(RougeL, WeighsRecallOverPrecision) {
  // Common subsequence 1 3 4: precision 3/4, recall 3/5.
  const RougeScores scores =
      rouge_l_scores(std::vector<ScoreCase>{{{1, 3, 9, 4}, {{1, 2, 3, 4, 5}}}});
  const double p = 0.75;
  const double r = 0.6;
  EXPECT_DOUBLE_EQ(scores.corpus, (1 + 1.44) * p * r / (r + 1.44 * p));
}

TEST(RougeL, TakesPrecisionAndRecallFromDifferentReferences) {
  // Precision 1 from the long reference, recall 1 from the short one.
  const RougeScores scores = rouge_l_scores(std::vector<ScoreCase>{{{1, 2}, {{1, 2, 3, 4}, {1}}}});
  EXPECT_DOUBLE_EQ(scores.corpus, 1);
}

TEST(RougeL, NeedsTheOrderButNotTheNeighbourhood) {
  EXPECT_DOUBLE_EQ(rouge_l_scores(std::vector<ScoreCase>{{{3, 2, 1}, {{1, 2, 3}}}}).corpus,
                   1.0 / 3);
  EXPECT_DOUBLE_EQ(
      rouge_l_scores(std::vector<ScoreCase>{{{1, 9, 2, 8, 3}, {{1, 7, 2, 6, 3}}}}).corpus, 0.6);
}

TEST(RougeL, IsTheMeanOverTheImagesAndZeroForEmptySentences) {
  const RougeScores scores = rouge_l_scores(
      std::vector<ScoreCase>{{{1, 2}, {{1, 2}}}, {{}, {{1}}}, {{1}, {{}}}, {{}, {{}}}});
  EXPECT_EQ(scores.images, (std::vector<double>{1, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(scores.corpus, 0.25);
}

TEST(RougeL, RefusesNoImagesAndImagesWithoutReferences) {
  EXPECT_THROW(rouge_l_scores({}), ArgumentError);
  EXPECT_THROW(rouge_l_scores(std::vector<ScoreCase>{{{1}, {}}}), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
