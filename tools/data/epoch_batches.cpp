#include "tools/data/epoch_batches.h"

#include <algorithm>

#include "core/error.h"
#include "tools/data/order.h"

namespace lrcn {
namespace {

constexpr std::int64_t kWindowBatches = 32;
constexpr std::uint64_t kBatchOrder = 0x9e3779b97f4a7c15u;  // tells the two shuffles apart

}  // namespace

std::int64_t batches_per_epoch(std::int64_t samples, std::int64_t batch) {
  check(batch >= 1, "batches: the batch must hold at least one sample, got ", batch);
  check(samples >= 1, "batches: there are no samples");
  return (samples + batch - 1) / batch;
}

std::vector<BatchPlan> plan_epoch(std::span<const std::int64_t> lengths, std::int64_t epoch,
                                  const EpochOptions& options) {
  const std::int64_t size = std::int64_t(lengths.size());
  const std::int64_t batches = batches_per_epoch(size, options.batch);
  const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  check(!options.buckets.empty() && longest <= options.buckets.back(), "batches: a length of ",
        longest, " does not fit into the last bucket");

  std::vector<std::int64_t> order = shuffled_order(size, options.seed, epoch);
  for (std::int64_t i = 0; std::int64_t(order.size()) < batches * options.batch; ++i) {
    order.push_back(order[std::size_t(i % size)]);
  }
  const std::int64_t window = kWindowBatches * options.batch;
  for (std::int64_t begin = 0; begin < std::int64_t(order.size()); begin += window) {
    const std::int64_t end = std::min(begin + window, std::int64_t(order.size()));
    std::stable_sort(order.begin() + begin, order.begin() + end,
                     [&](std::int64_t a, std::int64_t b) {
                       return lengths[std::size_t(a)] < lengths[std::size_t(b)];
                     });
  }

  std::vector<BatchPlan> plan;
  for (const std::int64_t batch : shuffled_order(batches, options.seed ^ kBatchOrder, epoch)) {
    BatchPlan& next = plan.emplace_back();
    next.samples.assign(order.begin() + batch * options.batch,
                        order.begin() + (batch + 1) * options.batch);
    std::int64_t length = 0;
    for (const std::int64_t sample : next.samples) {
      length = std::max(length, lengths[std::size_t(sample)]);
    }
    next.steps = *std::lower_bound(options.buckets.begin(), options.buckets.end(), length);
  }
  return plan;
}

}  // namespace lrcn
