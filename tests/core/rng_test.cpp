#include "core/rng.h"

#include <gtest/gtest.h>

#include <vector>

namespace lrcn {
namespace {

// Known answers published with the Random123 library (kat_vectors, philox4x32 10).
TEST(Philox, GivesThePublishedVectors) {
  const PhiloxBlock zero = philox(0, 0, {{0, 0, 0, 0}});
  EXPECT_EQ(zero.word[0], 0x6627e8d5u);
  EXPECT_EQ(zero.word[1], 0xe169c58du);
  EXPECT_EQ(zero.word[2], 0xbc57ac4cu);
  EXPECT_EQ(zero.word[3], 0x9b00dbd8u);
  const std::uint32_t f = 0xffffffffu;
  const PhiloxBlock ones = philox(f, f, {{f, f, f, f}});
  EXPECT_EQ(ones.word[0], 0x408f276du);
  EXPECT_EQ(ones.word[1], 0x41c83b0eu);
  EXPECT_EQ(ones.word[2], 0xa20bc7c6u);
  EXPECT_EQ(ones.word[3], 0x6d5451fdu);
  const PhiloxBlock pi =
      philox(0xa4093822u, 0x299f31d0u, {{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}});
  EXPECT_EQ(pi.word[0], 0xd16cfe09u);
  EXPECT_EQ(pi.word[1], 0x94fdccebu);
  EXPECT_EQ(pi.word[2], 0x5001e420u);
  EXPECT_EQ(pi.word[3], 0x24126ea1u);
}

TEST(Random, KeepsPurposesSeedsAndCountersApart) {
  const Random shuffle(7, Purpose::shuffle);
  const Random crop(7, Purpose::crop);
  const Random other_seed(8, Purpose::shuffle);
  EXPECT_NE(shuffle.block(1, 2).word[0], crop.block(1, 2).word[0]);
  EXPECT_NE(shuffle.block(1, 2).word[0], other_seed.block(1, 2).word[0]);
  EXPECT_NE(shuffle.block(1, 2).word[0], shuffle.block(2, 1).word[0]);
  EXPECT_EQ(shuffle.block(1, 2).word[0], Random(7, Purpose::shuffle).block(1, 2).word[0]);
}

TEST(Random, BelowIsInRangeAndHitsEveryValue) {
  const Random random(3, Purpose::generate);
  std::vector<int> hits(7);
  for (std::uint64_t i = 0; i < 7000; ++i) {
    const std::uint32_t value = random.below(7, 0, i);
    ASSERT_LT(value, 7u);
    ++hits[value];
  }
  for (const int count : hits) {
    EXPECT_NEAR(count, 1000, 150);
  }
}

TEST(Random, UniformStaysBelowOneWithMeanOneHalf) {
  const Random random(3, Purpose::dropout);
  double sum = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const float value = random.uniform(5, i);
    ASSERT_GE(value, 0.0f);
    ASSERT_LT(value, 1.0f);
    sum += value;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.015);
}

}  // namespace
}  // namespace lrcn
