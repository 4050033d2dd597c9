// JPEG through libjpeg, with every warning about corrupt data turned into a refusal.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tools/data/image.h"

namespace lrcn {

// Decodes 8-bit JPEG and applies its EXIF orientation. Grey becomes three equal channels. CMYK and
// YCCK become RGB as R = C K / 255 on stored values, which Adobe's marker says are inverted;
// without that marker they are inverted first. The inverse DCT is the exact integer one and chroma
// is interpolated, as in other programs built on libjpeg. DataError: damaged, cut off, 12-bit,
// lossless, too large; the message holds what libjpeg said.
Image decode_jpeg(std::span<const std::byte> bytes, std::string_view name,
                  const DecodeOptions& options);

}  // namespace lrcn
