// Joining one value of each thread of a block, in an order that depends on nothing but the size of
// the block: the same bits every time.
#pragma once

#include <cstddef>

#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {

// Shared memory that block_reduce needs, for values of up to 16 bytes.
inline constexpr std::size_t kReduceBytes = 32 * 16;

struct Added {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};
// Passes over NaN in b.
struct Larger {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return b > a ? b : a;
  }
};

// Every lane gets join(...join(join(v0, v1), join(v2, v3))...).
template <class T, class Join>
__device__ T warp_reduce(T value, const Join& join) {
  for (unsigned distance = 1; distance < kWarpSize; distance *= 2) {
    const T other = shuffle_xor(value, distance);
    value = (threadIdx.x & distance) == 0 ? join(value, other) : join(other, value);
  }
  return value;
}

// Every thread gets the values of all warps joined in their order. Called by all threads of a
// one-dimensional block of whole warps; `scratch`: kReduceBytes of shared memory, free again on
// return.
template <class T, class Join>
__device__ T block_reduce(T value, void* scratch, const Join& join) {
  static_assert(sizeof(T) <= kReduceBytes / 32);
  T* warps = static_cast<T*>(scratch);
  value = warp_reduce(value, join);
  if (threadIdx.x % kWarpSize == 0) {
    warps[threadIdx.x / kWarpSize] = value;
  }
  __syncthreads();
  T result = warps[0];
  for (unsigned w = 1; w < blockDim.x / kWarpSize; ++w) {
    result = join(result, warps[w]);
  }
  __syncthreads();
  return result;
}

}  // namespace lrcn::cuda
