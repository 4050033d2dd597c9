// A vector register of floats, by the compiler's vector extension.
#pragma once

#include <cstdint>
#include <cstring>

namespace lrcn::cpu {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#else
inline constexpr int kLanes = 8;
#endif

using Vector [[gnu::vector_size(kLanes * 4)]] = float;
using VectorBits [[gnu::vector_size(kLanes * 4)]] = std::uint32_t;

// Memory of any alignment.
inline Vector load(const float* memory) {
  Vector value;
  std::memcpy(&value, memory, sizeof(value));
  return value;
}
inline void store(float* memory, Vector value) { std::memcpy(memory, &value, sizeof(value)); }

// Two vectors stored as bf16: lane l of the first in the lower half of word l, of the second in the
// upper half. So both come from one load and one cheap operation each.
inline void load_pair(const std::uint32_t* memory, Vector& first, Vector& second) {
  VectorBits words;
  std::memcpy(&words, memory, sizeof(words));
  const VectorBits low = words << 16;
  const VectorBits high = words & 0xffff0000u;
  std::memcpy(&first, &low, sizeof(first));
  std::memcpy(&second, &high, sizeof(second));
}

}  // namespace lrcn::cpu
