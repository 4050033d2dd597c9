// Operations of a warp: all 32 lanes of it call them together, from one place.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "kernels/cuda/device.h"

namespace lrcn::cuda {

inline constexpr std::uint32_t kAllLanes = 0xffffffffu;
inline constexpr unsigned kWarpSize = 32;

#if LRCN_CUDA_EMULATED

using Place = std::source_location;
using emulator::Shuffle;

// The value of lane (own lane ^ lanes).
template <class T>
T shuffle_xor(T value, unsigned lanes, Place place = Place::current()) {
  emulator::shuffle(kAllLanes, {&value, sizeof(T)}, Shuffle::exclusive_or, lanes, place);
  return value;
}

// The value of lane (own lane - lanes); the own value where there is no such lane.
template <class T>
T shuffle_up(T value, unsigned lanes, Place place = Place::current()) {
  emulator::shuffle(kAllLanes, {&value, sizeof(T)}, Shuffle::up, lanes, place);
  return value;
}

// The value of lane `source`.
template <class T>
T shuffle_from(T value, unsigned source, Place place = Place::current()) {
  emulator::shuffle(kAllLanes, {&value, sizeof(T)}, Shuffle::indexed, source, place);
  return value;
}

// Bit l tells whether the predicate of lane l is true.
inline std::uint32_t ballot(bool predicate, Place place = Place::current()) {
  return emulator::ballot(kAllLanes, predicate, place);
}

#else

// Values of any trivial type travel between lanes as words of 32 bits.
template <class T>
using Words = std::array<std::uint32_t, sizeof(T) / sizeof(std::uint32_t)>;

template <class T>
__device__ __forceinline__ T shuffle_xor(T value, unsigned lanes) {
  auto words = std::bit_cast<Words<T> >(value);
  for (std::uint32_t& word : words) {
    word = __shfl_xor_sync(kAllLanes, word, int(lanes));
  }
  return std::bit_cast<T>(words);
}

template <class T>
__device__ __forceinline__ T shuffle_up(T value, unsigned lanes) {
  auto words = std::bit_cast<Words<T> >(value);
  for (std::uint32_t& word : words) {
    word = __shfl_up_sync(kAllLanes, word, lanes);
  }
  return std::bit_cast<T>(words);
}

template <class T>
__device__ __forceinline__ T shuffle_from(T value, unsigned source) {
  auto words = std::bit_cast<Words<T> >(value);
  for (std::uint32_t& word : words) {
    word = __shfl_sync(kAllLanes, word, int(source));
  }
  return std::bit_cast<T>(words);
}

__device__ __forceinline__ std::uint32_t ballot(bool predicate) {
  return __ballot_sync(kAllLanes, predicate);
}

#endif

}  // namespace lrcn::cuda
