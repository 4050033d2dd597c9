#include "tools/train/nearest_name.h"

#include <gtest/gtest.h>

#include <vector>

namespace lrcn::test {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("flaw", "lawn"), 2u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(NearestName, FindsTheFirstOfTheMostSimilar) {
  const std::vector<std::string> names = {"encoder.features.0.weight", "encoder.features.2.weight",
                                          "decoder.lstm0.weight_ih"};
  EXPECT_EQ(nearest_name("features.2.weight", names), "encoder.features.2.weight");
  EXPECT_EQ(nearest_name("encoder.features.9.weight", names), "encoder.features.0.weight");
  EXPECT_EQ(nearest_name("decoder.lstm.weight_ih", names), "decoder.lstm0.weight_ih");
}

TEST(NearestName, IsEmptyWhenNothingIsSimilar) {
  const std::vector<std::string> names = {"alpha", "beta"};
  EXPECT_EQ(nearest_name("xyzxyz", names), "");
  EXPECT_EQ(nearest_name("a", {}), "");
  EXPECT_EQ(nearest_name(std::string(300, 'a'), std::vector{std::string(300, 'a')}), "");
}

}  // namespace
}  // namespace lrcn::test
