// The order in which an epoch visits samples.
#pragma once

#include <cstdint>
#include <vector>

namespace lrcn {

// A permutation of 0 .. size-1, a pure function of its arguments: Fisher-Yates (Durstenfeld 1964)
// with Philox draws. size must be below 2^32: ArgumentError.
std::vector<std::int64_t> shuffled_order(std::int64_t size, std::uint64_t seed, std::int64_t epoch);

}  // namespace lrcn
