// In which order the emulator runs what a GPU runs at the same time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/emulator/language.h"

namespace lrcn::cuda::emulator {

// Blocks and threads by rising or falling number, or by lot.
enum class Order : std::uint8_t { forward, reverse, shuffled };

struct Schedule {
  Order order = Order::forward;
  std::uint64_t seed = 0;        // of the lots
  unsigned resident_blocks = 2;  // blocks that run at the same time
};

struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes = 0;  // for each block
  bool cooperative = false;      // all blocks run at the same time and may wait for each other
};

}  // namespace lrcn::cuda::emulator
