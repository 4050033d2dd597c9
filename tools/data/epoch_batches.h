// Which samples make up the batches of an epoch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lrcn {

struct BatchPlan {
  std::vector<std::int64_t> samples;
  std::int64_t steps = 0;  // a length bucket that holds the longest of them
};

struct EpochOptions {
  std::int64_t batch = 1;             // N
  std::vector<std::int64_t> buckets;  // ascending; the last holds every length
  std::uint64_t seed = 0;
};

// ceil(lengths / batch): the last batch is filled up from the beginning of the order, so that every
// sample is seen and all batches are full.
std::int64_t batches_per_epoch(std::int64_t samples, std::int64_t batch);

// Shuffles, then brings samples of similar length together within windows of 32 batches (padding
// costs time), then shuffles the batches. A pure function of its arguments. Throws ArgumentError
// for no samples, a batch below 1, or a length that the last bucket does not hold.
std::vector<BatchPlan> plan_epoch(std::span<const std::int64_t> lengths, std::int64_t epoch,
                                  const EpochOptions& options);

}  // namespace lrcn
