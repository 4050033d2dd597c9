// What the emulated device pretends to have.
#pragma once

#include <cstddef>

namespace lrcn::cuda {

// Bytes; an allocation of more is refused as on a device.
inline constexpr std::size_t kEmulatedMemory = std::size_t(16) << 30;
// Bytes; little, so that emptying it takes little time.
inline constexpr std::size_t kEmulatedCache = std::size_t(4) << 10;

// Bytes that a block of threads may have, those of compute capability 9.0.
inline constexpr std::size_t kEmulatedSharedMemory = std::size_t(227) << 10;

}  // namespace lrcn::cuda
