// Our own look at the headers of the formats that the module of codecs decodes: sizes are known
// before memory is taken, and what the codecs would pad or print about is refused here.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tools/data/image.h"

namespace lrcn {

struct ImageHeader {
  int width = 0;        // pixels, as stored
  int height = 0;       // pixels, as stored
  int orientation = 1;  // as in EXIF
};

// BMP: uncompressed, 1, 4, 8, 16, 24 or 32 bits a pixel, all of its rows present.
// DataError: anything else, run-length coding included.
ImageHeader check_bmp(std::span<const std::byte> bytes, std::string_view name,
                      const DecodeOptions& options);

// WebP: one still picture, lossy or lossless, all chunks present.
ImageHeader check_webp(std::span<const std::byte> bytes, std::string_view name,
                       const DecodeOptions& options);

}  // namespace lrcn
