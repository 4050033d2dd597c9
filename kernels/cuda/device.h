// What device code needs from its compiler: nvcc, or g++ with the emulator.
//
// Kernels use the names of CUDA (threadIdx, __syncthreads) but static __shared__ arrays: all shared
// memory of a block is what the launch asks for, seen through dynamic_shared.
#pragma once

#include <cstddef>

#if LRCN_CUDA_EMULATED
#include "kernels/cuda/emulator/collectives.h"
#include "kernels/cuda/emulator/language.h"
#else
#include <cuda_runtime.h>
#endif

namespace lrcn::cuda {

#if LRCN_CUDA_EMULATED

inline void __syncthreads(std::source_location place = std::source_location::current()) {
  emulator::wait_at_barrier(place);
}
inline void __syncwarp(std::uint32_t mask = 0xffffffffu,
                       std::source_location place = std::source_location::current()) {
  emulator::wait_for_warp(mask, place);
}

// The shared memory of the block, aligned to 128 bytes. Undefined at the start of a kernel.
template <class T>
T* dynamic_shared() {
  return static_cast<T*>(emulator::shared_memory());
}

#else

// The shared memory of the block, aligned to 128 bytes. Undefined at the start of a kernel.
template <class T>
__device__ T* dynamic_shared() {
  extern __shared__ __align__(128) unsigned char memory[];
  return reinterpret_cast<T*>(memory);
}

#endif

}  // namespace lrcn::cuda
