// Short vectors of any element type and length, by the compiler's vector extension: for channels
// that lie side by side, whose number the layout decides and not the processor.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace lrcn::cpu {

template <class T, int kCount>
using Lanes __attribute__((vector_size(kCount * sizeof(T)))) = T;

// Memory of any alignment.
template <class V, class T>
inline void load_lanes(V& lanes, const T* memory) {
  std::memcpy(&lanes, memory, sizeof lanes);
}
template <class V, class T>
inline void store_lanes(const V& lanes, T* memory) {
  std::memcpy(memory, &lanes, sizeof lanes);
}

// Calls body(offset, count) for pieces of `size` neighbours; count is a compile-time 16, 8 or 1.
template <class Body>
inline void for_each_lanes(std::int64_t size, Body&& body) {
  std::int64_t offset = 0;
  for (; offset + 16 <= size; offset += 16) {
    body(offset, std::integral_constant<int, 16>());
  }
  for (; offset + 8 <= size; offset += 8) {
    body(offset, std::integral_constant<int, 8>());
  }
  for (; offset < size; ++offset) {
    body(offset, std::integral_constant<int, 1>());
  }
}

}  // namespace lrcn::cpu
