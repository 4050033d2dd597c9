#include "tools/data/epoch_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "core/error.h"
#include "core/rng.h"

namespace lrcn {
namespace {

std::vector<std::int64_t> random_lengths(std::size_t count) {
  std::vector<std::int64_t> lengths(count);
  for (std::size_t i = 0; i < count; ++i) {
    lengths[i] = 5 + std::int64_t(Random(2, Purpose::generate).below(16, 0, i));
  }
  return lengths;
}

TEST(EpochBatches, ShowEverySampleAndFillTheLastBatchFromTheBeginning) {
  const auto lengths = random_lengths(1003);
  const auto plan = plan_epoch(lengths, 4, {.batch = 16, .buckets = {12, 20}, .seed = 9});
  ASSERT_EQ(std::int64_t(plan.size()), batches_per_epoch(1003, 16));
  std::map<std::int64_t, int> seen;
  for (const BatchPlan& batch : plan) {
    EXPECT_EQ(batch.samples.size(), 16u);
    for (const std::int64_t sample : batch.samples) {
      ++seen[sample];
    }
  }
  EXPECT_EQ(seen.size(), 1003u);
  EXPECT_EQ(
      std::count_if(seen.begin(), seen.end(), [](const auto& each) { return each.second > 1; }),
      63 * 16 - 1003);
}

TEST(EpochBatches, UseTheSmallestBucketThatHoldsTheLongestSample) {
  const auto lengths = random_lengths(500);
  for (const BatchPlan& batch :
       plan_epoch(lengths, 0, {.batch = 10, .buckets = {8, 12, 16, 20}, .seed = 1})) {
    std::int64_t longest = 0;
    for (const std::int64_t sample : batch.samples) {
      longest = std::max(longest, lengths[std::size_t(sample)]);
    }
    EXPECT_LE(longest, batch.steps);
    EXPECT_LT(batch.steps - longest, 4);
  }
}

TEST(EpochBatches, PutSimilarLengthsTogether) {
  const auto lengths = random_lengths(3200);
  const auto total = std::accumulate(lengths.begin(), lengths.end(), std::int64_t(0));
  std::int64_t padded = 0;
  for (const BatchPlan& batch :
       plan_epoch(lengths, 0, {.batch = 10, .buckets = {8, 12, 16, 20}, .seed = 1})) {
    padded += batch.steps * 10;
  }
  EXPECT_LT(double(padded), 1.25 * double(total));
}

TEST(EpochBatches, DependOnSeedAndEpochAlone) {
  const auto lengths = random_lengths(200);
  const auto samples = [&](std::int64_t epoch, std::uint64_t seed) {
    std::vector<std::int64_t> all;
    for (const BatchPlan& batch :
         plan_epoch(lengths, epoch, {.batch = 8, .buckets = {20}, .seed = seed})) {
      all.insert(all.end(), batch.samples.begin(), batch.samples.end());
    }
    return all;
  };
  EXPECT_EQ(samples(3, 7), samples(3, 7));
  EXPECT_NE(samples(3, 7), samples(4, 7));
  EXPECT_NE(samples(3, 7), samples(3, 8));
}

TEST(EpochBatches, RefuseWhatCannotBePlanned) {
  const std::vector<std::int64_t> lengths = {3, 21};
  EXPECT_THROW(plan_epoch(lengths, 0, {.batch = 2, .buckets = {20}}), ArgumentError);
  EXPECT_THROW(plan_epoch(lengths, 0, {.batch = 0, .buckets = {30}}), ArgumentError);
  EXPECT_THROW(plan_epoch(lengths, 0, {.batch = 2, .buckets = {}}), ArgumentError);
  EXPECT_THROW(plan_epoch({}, 0, {.batch = 2, .buckets = {30}}), ArgumentError);
}

}  // namespace
}  // namespace lrcn
