// Pictures as PNG files.
#pragma once

#include <string>

#include "tools/data/image.h"

namespace lrcn {

// 8-bit RGB, the whole file. Throws ArgumentError when the pixels do not fit width and height,
// DataError when libpng refuses.
std::string encode_png(const Image& image);

}  // namespace lrcn
