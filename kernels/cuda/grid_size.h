// How many blocks to launch.
#pragma once

#include <algorithm>
#include <cstdint>

namespace lrcn::cuda {

// Enough to fill any GPU several times over; kernels walk along what is left.
inline constexpr std::int64_t kMostBlocks = 2048;

// Blocks for `items`, of which each block takes `per_block` at a time.
inline unsigned blocks_for(std::int64_t items, std::int64_t per_block,
                           std::int64_t most = kMostBlocks) {
  return unsigned(std::min((items + per_block - 1) / per_block, most));
}

}  // namespace lrcn::cuda
