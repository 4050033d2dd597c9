// What the emulated device pretends to have.
#pragma once

#include <cstddef>

namespace lrcn::cuda {

// Bytes; an allocation of more is refused as on a device.
inline constexpr std::size_t kEmulatedMemory = std::size_t(16) << 30;
// Bytes; little, so that emptying it takes little time.
inline constexpr std::size_t kEmulatedCache = std::size_t(4) << 10;

}  // namespace lrcn::cuda
