#include "tools/data/order.h"

#include <limits>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/rng.h"

namespace lrcn {

std::vector<std::int64_t> shuffled_order(std::int64_t size, std::uint64_t seed,
                                         std::int64_t epoch) {
  check(size >= 0 && size <= std::numeric_limits<std::uint32_t>::max(),
        "shuffle: expected less than 2^32 samples, got ", size);
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const Random random(seed, Purpose::shuffle);
  for (std::int64_t last = size - 1; last > 0; --last) {
    const std::uint32_t other =
        random.below(std::uint32_t(last + 1), std::uint64_t(epoch), std::uint64_t(last));
    std::swap(order[std::size_t(last)], order[other]);
  }
  return order;
}

}  // namespace lrcn
