// Checksums of files.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace lrcn {

// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits. Throws Error when the library that
// computes it refuses.
std::string sha256_of(std::span<const std::byte> bytes);

}  // namespace lrcn
