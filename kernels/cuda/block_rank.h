// Numbering the threads of a block that have something.
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {

struct BlockRank {
  unsigned before;  // threads with a lower number whose predicate is true
  unsigned total;   // of the block
};

// Called by all threads of a one-dimensional block of whole warps. counts: shared memory for one
// number a warp; free again on return.
__device__ inline BlockRank block_rank(bool predicate, unsigned* counts) {
  const unsigned lane = threadIdx.x % kWarpSize;
  const unsigned warp = threadIdx.x / kWarpSize;
  const std::uint32_t lanes = ballot(predicate);
  if (lane == 0) {
    counts[warp] = unsigned(std::popcount(lanes));
  }
  __syncthreads();
  BlockRank rank{unsigned(std::popcount(lanes & ((1u << lane) - 1u))), 0};
  for (unsigned w = 0; w < blockDim.x / kWarpSize; ++w) {
    rank.before += w < warp ? counts[w] : 0u;
    rank.total += counts[w];
  }
  __syncthreads();
  return rank;
}

}  // namespace lrcn::cuda
