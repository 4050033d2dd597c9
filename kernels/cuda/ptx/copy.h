// Asynchronous copies from memory of the device to shared memory (cp.async).
//
// A thread gives copies, closes them to a group, and later waits until all but its last groups are
// there. Waiting is for the own copies only: before other threads read them, the block needs a
// barrier. Until then nobody may read or write the target, nor write the source.
#pragma once

#include "kernels/cuda/device.h"

#if LRCN_CUDA_EMULATED
#include "kernels/cuda/emulator/async_copy.h"
#endif

namespace lrcn::cuda {

#if LRCN_CUDA_EMULATED

// Copies 4, 8 or 16 bytes; both addresses are multiples of that. 16 bytes pass by the cache of the
// multiprocessor, so that they are what other blocks wrote last.
template <int kBytes>
void copy_async(void* shared, const void* global,
                std::source_location place = std::source_location::current()) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
  emulator::copy_async<kBytes>(shared, global, kBytes, place);
}

// Copies the first `present` bytes, 0 .. kBytes, and writes zeros for the others. What is not
// present is not read.
template <int kBytes>
void copy_async_or_zero(void* shared, const void* global, int present,
                        std::source_location place = std::source_location::current()) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
  emulator::copy_async<kBytes>(shared, global, present, place);
}

// The copies since the last call are a group, also when there are none.
inline void commit_copies() { emulator::commit_copies(); }

// Waits for all groups but the last kPending.
template <int kPending>
void wait_for_copies() {
  emulator::wait_for_copies(kPending);
}

#else

__device__ __forceinline__ unsigned shared_address(const void* shared) {
  return unsigned(__cvta_generic_to_shared(shared));
}

template <int kBytes>
__device__ __forceinline__ void copy_async_or_zero(void* shared, const void* global, int present) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
  if constexpr (kBytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(shared)),
                 "l"(global), "r"(present)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(shared_address(shared)),
                 "l"(global), "n"(kBytes), "r"(present)
                 : "memory");
  }
}

template <int kBytes>
__device__ __forceinline__ void copy_async(void* shared, const void* global) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16);
  if constexpr (kBytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)),
                 "l"(global)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(shared_address(shared)),
                 "l"(global), "n"(kBytes)
                 : "memory");
  }
}

__device__ __forceinline__ void commit_copies() { asm volatile("cp.async.commit_group;"); }

template <int kPending>
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

#endif

}  // namespace lrcn::cuda
