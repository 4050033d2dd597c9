#include "tools/eval/score_case.h"

#include <gtest/gtest.h>

namespace lrcn::test {
namespace {

TEST(ScoreCase, NumbersEqualWordsEqually) {
  WordNumbers numbers;
  const std::vector<std::string> first{"a", "dog", "a"};
  const std::vector<std::string> second{"dog", "b"};
  EXPECT_EQ(numbers.number(first), (Words{1, 2, 1}));
  EXPECT_EQ(numbers.number(second), (Words{2, 3}));
}

TEST(ScoreCase, CountsNgramsInOrder) {
  const auto counts = count_ngrams({2, 1, 2, 1, 2});
  ASSERT_EQ(counts[0].size(), 2u);
  EXPECT_EQ(counts[0][0].ngram, (Ngram{1, 0, 0, 0}));
  EXPECT_EQ(counts[0][0].count, 2);
  EXPECT_EQ(counts[0][1].count, 3);
  ASSERT_EQ(counts[1].size(), 2u);
  EXPECT_EQ(counts[1][0].ngram, (Ngram{1, 2, 0, 0}));
  EXPECT_EQ(counts[1][0].count, 2);
  EXPECT_EQ(counts[2].size(), 2u);
  EXPECT_EQ(counts[3].size(), 2u);
}

TEST(ScoreCase, HasNoNgramsLongerThanTheSentence) {
  const auto counts = count_ngrams({1, 2});
  EXPECT_EQ(counts[0].size(), 2u);
  EXPECT_EQ(counts[1].size(), 1u);
  EXPECT_TRUE(counts[2].empty());
  EXPECT_TRUE(count_ngrams({})[0].empty());
}

}  // namespace
}  // namespace lrcn::test
