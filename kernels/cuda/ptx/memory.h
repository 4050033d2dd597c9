// Words that threads of different blocks exchange: u32, i32, u64 or f32 in memory of the device.
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/cuda/device.h"

#if LRCN_CUDA_EMULATED
#include <atomic>

#include "kernels/cuda/emulator/collectives.h"
#endif

namespace lrcn::cuda {

#if LRCN_CUDA_EMULATED

// What another thread stored, old or new but never cached; orders nothing else.
template <class T>
T load_relaxed(const T* word) {
  return std::atomic_ref<T>(*const_cast<T*>(word)).load(std::memory_order_relaxed);
}

// When it reads what store_release stored, all that the other thread wrote before is visible.
template <class T>
T load_acquire(const T* word) {
  return std::atomic_ref<T>(*const_cast<T*>(word)).load(std::memory_order_acquire);
}

template <class T>
void store_relaxed(T* word, T value) {
  std::atomic_ref<T>(*word).store(value, std::memory_order_relaxed);
  emulator::note_progress();
}

// Whoever reads the value with load_acquire sees all that this thread wrote before.
template <class T>
void store_release(T* word, T value) {
  std::atomic_ref<T>(*word).store(value, std::memory_order_release);
  emulator::note_progress();
}

// Adds and returns what was there. Acquires and releases.
inline std::uint32_t fetch_add(std::uint32_t* word, std::uint32_t value) {
  emulator::note_progress();
  return std::atomic_ref<std::uint32_t>(*word).fetch_add(value, std::memory_order_acq_rel);
}

// Called in every turn of a loop that waits for another thread.
inline void spin_hint(std::source_location place = std::source_location::current()) {
  emulator::spin(place);
}

#else

template <class T>
__device__ __forceinline__ T load_relaxed(const T* word) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 4) {
    std::uint32_t bits;
    asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];" : "=r"(bits) : "l"(word) : "memory");
    return std::bit_cast<T>(bits);
  } else {
    std::uint64_t bits;
    asm volatile("ld.relaxed.gpu.global.u64 %0, [%1];" : "=l"(bits) : "l"(word) : "memory");
    return std::bit_cast<T>(bits);
  }
}

template <class T>
__device__ __forceinline__ T load_acquire(const T* word) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 4) {
    std::uint32_t bits;
    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(bits) : "l"(word) : "memory");
    return std::bit_cast<T>(bits);
  } else {
    std::uint64_t bits;
    asm volatile("ld.acquire.gpu.global.u64 %0, [%1];" : "=l"(bits) : "l"(word) : "memory");
    return std::bit_cast<T>(bits);
  }
}

template <class T>
__device__ __forceinline__ void store_relaxed(T* word, T value) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 4) {
    asm volatile("st.relaxed.gpu.global.u32 [%0], %1;" ::"l"(word),
                 "r"(std::bit_cast<std::uint32_t>(value))
                 : "memory");
  } else {
    asm volatile("st.relaxed.gpu.global.u64 [%0], %1;" ::"l"(word),
                 "l"(std::bit_cast<std::uint64_t>(value))
                 : "memory");
  }
}

template <class T>
__device__ __forceinline__ void store_release(T* word, T value) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 4) {
    asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(word),
                 "r"(std::bit_cast<std::uint32_t>(value))
                 : "memory");
  } else {
    asm volatile("st.release.gpu.global.u64 [%0], %1;" ::"l"(word),
                 "l"(std::bit_cast<std::uint64_t>(value))
                 : "memory");
  }
}

__device__ __forceinline__ std::uint32_t fetch_add(std::uint32_t* word, std::uint32_t value) {
  std::uint32_t before;
  asm volatile("atom.add.acq_rel.gpu.global.u32 %0, [%1], %2;"
               : "=r"(before)
               : "l"(word), "r"(value)
               : "memory");
  return before;
}

__device__ __forceinline__ void spin_hint() { __nanosleep(20); }

#endif

}  // namespace lrcn::cuda
