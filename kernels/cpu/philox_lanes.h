// Philox for a run of counters at once: the rounds of core/rng.h over lanes of a vector.
#pragma once

#include <cstdint>

#include "core/rng.h"

namespace lrcn::cpu {

inline constexpr int kPhiloxLanes = 16;

// words[4 i + j] = word j of Random::block(a, b + i) for i < kPhiloxLanes. The compiler turns the
// calls into vector code, because philox() has no branches.
inline void philox_lanes(const Random& random, std::uint64_t a, std::uint64_t b,
                         std::uint32_t* words) {
#pragma omp simd
  for (int i = 0; i < kPhiloxLanes; ++i) {
    const PhiloxBlock block = random.block(a, b + std::uint64_t(i));
    words[4 * i] = block.word[0];
    words[4 * i + 1] = block.word[1];
    words[4 * i + 2] = block.word[2];
    words[4 * i + 3] = block.word[3];
  }
}

}  // namespace lrcn::cpu
