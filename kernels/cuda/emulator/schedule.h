// In which order the emulator runs what a GPU runs at the same time.
#pragma once

#include <cstdint>

namespace lrcn::cuda::emulator {

// Blocks and threads by rising or falling number, or by lot.
enum class Order : std::uint8_t { forward, reverse, shuffled };

struct Schedule {
  Order order = Order::forward;
  std::uint64_t seed = 0;        // of the lots
  unsigned resident_blocks = 2;  // blocks that run at the same time
};

}  // namespace lrcn::cuda::emulator
