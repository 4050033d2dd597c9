// Rounding f32 to what tensor cores multiply: to nearest, ties to even. NaN stays NaN.
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/cuda/device.h"

namespace lrcn::cuda {

inline constexpr std::uint32_t kQuietNan = 0x7fffffffu;

// As tf32: 10 bits of mantissa, in the upper 19 bits of a word. By hand below sm_90, where cvt
// knows only ties away from zero (cvt.rna), and precision.h promises nearest even.
__host__ __device__ inline std::uint32_t tf32_of(float x) {
#if !LRCN_CUDA_EMULATED && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  std::uint32_t word;
  asm("cvt.rn.tf32.f32 %0, %1;" : "=r"(word) : "f"(x));
  return word;
#else
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0xfffu + ((bits >> 13) & 1u)) & ~0x1fffu;
  return x == x ? rounded : kQuietNan;
#endif
}

// Two as bf16, `low` in the lower half of the word.
#if LRCN_CUDA_EMULATED || !defined(__CUDA_ARCH__)
__host__ __device__ inline std::uint32_t bf16_pair_of(float low, float high) {
  const auto bf16_of = [](float x) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    return x == x ? rounded : kQuietNan >> 16;
  };
  return bf16_of(low) | bf16_of(high) << 16;
}
#else
__host__ __device__ inline std::uint32_t bf16_pair_of(float low, float high) {
  std::uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
#endif

// What a half of such a word means.
__host__ __device__ inline float low_of_bf16_pair(std::uint32_t pair) {
  return std::bit_cast<float>(pair << 16);
}
__host__ __device__ inline float high_of_bf16_pair(std::uint32_t pair) {
  return std::bit_cast<float>(pair & 0xffff0000u);
}

}  // namespace lrcn::cuda
