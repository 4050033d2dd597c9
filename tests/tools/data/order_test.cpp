#include "tools/data/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/error.h"

namespace lrcn::test {
namespace {

using Order = std::vector<std::int64_t>;

TEST(ShuffledOrder, VisitsEverySampleOnce) {
  for (const std::int64_t size : {0, 1, 2, 3, 1000}) {
    Order order = shuffled_order(size, 1, 2);
    std::sort(order.begin(), order.end());
    Order all(static_cast<std::size_t>(size));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(order, all);
  }
}

// Worked out by a separate implementation of Philox. Other values would make checkpoints of earlier
// versions continue with other samples.
TEST(ShuffledOrder, NeverChangesFromVersionToVersion) {
  EXPECT_EQ(shuffled_order(10, 42, 0), (Order{8, 4, 1, 7, 0, 9, 2, 6, 5, 3}));
  EXPECT_EQ(shuffled_order(10, 42, 1), (Order{7, 2, 0, 5, 9, 3, 4, 6, 8, 1}));
  EXPECT_EQ(shuffled_order(10, (1ull << 63) + 7, 3), (Order{5, 7, 2, 3, 1, 0, 4, 9, 6, 8}));
}

TEST(ShuffledOrder, PutsEverySampleEverywhere) {
  std::set<std::pair<std::size_t, std::int64_t>> seen;
  for (std::int64_t epoch = 0; epoch < 100; ++epoch) {
    const Order order = shuffled_order(5, 3, epoch);
    for (std::size_t place = 0; place < order.size(); ++place) {
      seen.emplace(place, order[place]);
    }
  }
  EXPECT_EQ(seen.size(), 25u);
}

TEST(ShuffledOrder, RefusesSizesThatItCannotDraw) {
  EXPECT_THROW(shuffled_order(-1, 0, 0), ArgumentError);
  EXPECT_THROW(shuffled_order(std::int64_t{1} << 32, 0, 0), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
