// Numbers inside the headers of picture files. The caller has checked that the bytes are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lrcn {

// The unsigned number of `count` (1 to 4) bytes at `offset`, least significant byte first.
inline uint32_t little_endian(std::span<const std::byte> bytes, size_t offset, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i-- > 0;) {
    value = value << 8 | std::to_integer<uint32_t>(bytes[offset + i]);
  }
  return value;
}

// The same, most significant byte first.
inline uint32_t big_endian(std::span<const std::byte> bytes, size_t offset, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    value = value << 8 | std::to_integer<uint32_t>(bytes[offset + i]);
  }
  return value;
}

}  // namespace lrcn
