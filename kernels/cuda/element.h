// Elements of activations: f32 or bf16 in memory, f32 in registers.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "core/tensor.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/ptx/rounding.h"

namespace lrcn::cuda {

__device__ inline float load(const float* x) { return *x; }
__device__ inline float load(const BFloat16* x) {
  return std::bit_cast<float>(std::uint32_t(x->bits) << 16);
}

// To nearest, ties to even; NaN stays NaN.
__device__ inline void store(float* y, float value) { *y = value; }
__device__ inline void store(BFloat16* y, float value) {
  y->bits = std::uint16_t(bf16_pair_of(value, 0.0f));
}

// `count` neighbours, moved at once.
template <class T, int count>
struct alignas(sizeof(T) * count) Pack {
  T at[count];
};

template <class T>
using FourOf = Pack<T, 4>;

template <int count>
__device__ Pack<float, count> load(const Pack<float, count>* x) {
  return *x;
}
template <int count>
__device__ Pack<float, count> load(const Pack<BFloat16, count>* x) {
  const Pack<BFloat16, count> narrow = *x;
  Pack<float, count> wide;
  for (int i = 0; i < count; ++i) {
    wide.at[i] = load(&narrow.at[i]);
  }
  return wide;
}

template <int count>
__device__ void store(Pack<float, count>* y, const Pack<float, count>& values) {
  *y = values;
}
template <int count>
__device__ void store(Pack<BFloat16, count>* y, const Pack<float, count>& values) {
  Pack<BFloat16, count> narrow;
  for (int i = 0; i + 1 < count; i += 2) {
    const std::uint32_t pair = bf16_pair_of(values.at[i], values.at[i + 1]);
    narrow.at[i].bits = std::uint16_t(pair);
    narrow.at[i + 1].bits = std::uint16_t(pair >> 16);
  }
  if (count % 2 != 0) {
    store(&narrow.at[count - 1], values.at[count - 1]);
  }
  *y = narrow;
}

// Whether packs of `bytes` may be read and written there.
inline bool is_aligned(const void* x, std::size_t bytes) {
  return reinterpret_cast<std::uintptr_t>(x) % bytes == 0;
}

// Calls body(T()) with the element type of a tensor that was checked to be f32 or bf16.
template <class Body>
decltype(auto) with_element(DType dtype, const Body& body) {
  return dtype == DType::bf16 ? body(BFloat16()) : body(float());
}

}  // namespace lrcn::cuda
