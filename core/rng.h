// Counter-based random numbers: Philox 4x32-10.
//
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Every draw is
// a function of (seed, purpose, a, b): there is no state to save, and the result does not depend on
// who draws first. The functions are constexpr and header-only so that CUDA kernels compile the
// same source.
#pragma once

#include <cstdint>

#include "core/host_device.h"

namespace lrcn {

// What a draw is for; keeps the streams apart.
enum class Purpose : std::uint32_t {
  initialize = 1,
  dropout,
  shuffle,
  crop,
  mirror,
  caption_choice,
  sample,
  generate,
};

struct PhiloxBlock {
  std::uint32_t word[4];
};

// The Philox 4x32-10 bijection.
LRCN_HOST_DEVICE constexpr PhiloxBlock philox(std::uint32_t key0, std::uint32_t key1,
                                              PhiloxBlock counter) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t(0xD2511F53u) * counter.word[0];
    const std::uint64_t product1 = std::uint64_t(0xCD9E8D57u) * counter.word[2];
    counter = {{std::uint32_t(product1 >> 32) ^ counter.word[1] ^ key0, std::uint32_t(product1),
                std::uint32_t(product0 >> 32) ^ counter.word[3] ^ key1, std::uint32_t(product0)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

// The draws of one purpose: block(a, b) gives four words, `a` being for example a step or an epoch
// and `b` an element or sample.
class Random {
 public:
  LRCN_HOST_DEVICE constexpr Random(std::uint64_t seed, Purpose purpose, std::uint32_t stream = 0)
      : key0_(std::uint32_t(seed)),
        key1_(std::uint32_t(seed >> 32) ^ (std::uint32_t(purpose) * 0x85EBCA6Bu) ^
              (stream * 0xC2B2AE35u)) {}

  LRCN_HOST_DEVICE constexpr PhiloxBlock block(std::uint64_t a, std::uint64_t b) const {
    return philox(
        key0_, key1_,
        {{std::uint32_t(b), std::uint32_t(b >> 32), std::uint32_t(a), std::uint32_t(a >> 32)}});
  }
  // Uniform in [0, 1), a multiple of 2^-24.
  LRCN_HOST_DEVICE constexpr float uniform(std::uint64_t a, std::uint64_t b) const {
    return to_unit(block(a, b).word[0]);
  }
  // Uniform in 0 .. n-1 for 0 < n < 2^32 (multiply-shift; the bias is below n / 2^64).
  LRCN_HOST_DEVICE constexpr std::uint32_t below(std::uint32_t n, std::uint64_t a,
                                                 std::uint64_t b) const {
    const PhiloxBlock words = block(a, b);
    const std::uint64_t wide = (std::uint64_t(words.word[0]) << 32) | words.word[1];
    return std::uint32_t((static_cast<__uint128_t>(wide) * n) >> 64);
  }
  LRCN_HOST_DEVICE static constexpr float to_unit(std::uint32_t word) {
    return float(word >> 8) * (1.0f / 16777216.0f);
  }

 private:
  std::uint32_t key0_;
  std::uint32_t key1_;
};

}  // namespace lrcn
