// What kind of picture some bytes are, judged by their beginning.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace lrcn {

enum class ImageFormat { jpeg, png, bmp, webp, other };

ImageFormat image_format(std::span<const std::byte> bytes);

// What bytes of ImageFormat::other seem to be, for an error message: "text", "a GIF picture",
// "unknown data that begin with 8b 50 4e 47".
std::string describe_content(std::span<const std::byte> bytes);

}  // namespace lrcn
