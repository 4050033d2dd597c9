#include "layers/graph/memory_plan.h"

#include <gtest/gtest.h>

#include <sstream>

#include "core/rng.h"

namespace lrcn {
namespace {

void expect_no_overlap(const MemoryPlan& plan) {
  for (std::size_t i = 0; i < plan.blocks.size(); ++i) {
    const MemoryBlock& a = plan.blocks[i];
    EXPECT_EQ(a.offset % 64, 0u) << a.name;
    EXPECT_LE(a.offset + a.bytes, plan.arena_bytes) << a.name;
    for (std::size_t j = i + 1; j < plan.blocks.size(); ++j) {
      const MemoryBlock& b = plan.blocks[j];
      const bool same_time = a.first <= b.last && b.first <= a.last;
      const bool same_place = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      EXPECT_FALSE(same_time && same_place) << a.name << " and " << b.name;
    }
  }
}

TEST(MemoryPlan, SharesMemoryBetweenBlocksThatAreNotAliveTogether) {
  const MemoryPlan plan = plan_memory({{"a", 1000, 0, 1}, {"b", 1000, 1, 2}, {"c", 1000, 2, 3}});
  EXPECT_EQ(plan.total_bytes, 3u * 1024);
  EXPECT_EQ(plan.live_bytes, 2u * 1024);
  EXPECT_EQ(plan.arena_bytes, 2u * 1024);
  expect_no_overlap(plan);
}

TEST(MemoryPlan, FillsHolesBetweenLivingBlocks) {
  const MemoryPlan plan =
      plan_memory({{"big", 640, 0, 9}, {"early", 128, 0, 1}, {"late", 128, 2, 9}, {"s", 64, 3, 4}});
  EXPECT_EQ(plan.arena_bytes, plan.live_bytes);
  expect_no_overlap(plan);
}

TEST(MemoryPlan, KeepsRandomBlocksApartAndWithinTheSumOfAll) {
  const Random random(11, Purpose::generate);
  for (std::uint64_t round = 0; round < 50; ++round) {
    std::vector<MemoryBlock> blocks;
    for (std::uint64_t i = 0; i < 60; ++i) {
      const int first = int(random.below(40, round, 3 * i));
      const int last = first + int(random.below(15, round, 3 * i + 1));
      blocks.push_back({std::to_string(i), random.below(5000, round, 3 * i + 2), first, last});
    }
    const MemoryPlan plan = plan_memory(std::move(blocks));
    expect_no_overlap(plan);
    EXPECT_GE(plan.arena_bytes, plan.live_bytes);
    EXPECT_LE(plan.arena_bytes, plan.total_bytes);
  }
}

TEST(MemoryPlan, OfNothingIsEmpty) {
  const MemoryPlan plan = plan_memory({});
  EXPECT_EQ(plan.arena_bytes, 0u);
  EXPECT_EQ(plan.live_bytes, 0u);
}

TEST(MemoryPlan, PrintsTheLargestBlocksFirst) {
  std::ostringstream out;
  print(out, plan_memory({{"tiny", 1 << 20, 0, 1}, {"large", 3 << 20, 0, 1}}), 1);
  EXPECT_NE(out.str().find("large"), std::string::npos);
  EXPECT_EQ(out.str().find("tiny"), std::string::npos);
  EXPECT_NE(out.str().find("1 smaller"), std::string::npos);
}

}  // namespace
}  // namespace lrcn
