// Pictures as JPEG files, for pages that people look at.
#pragma once

#include <string>

#include "tools/data/image.h"

namespace lrcn {

// Baseline JPEG of that quality (1 to 100), colour in half resolution; the whole file. Throws
// ArgumentError when the pixels do not fit width and height or a side exceeds 65,500 pixels,
// DataError when libjpeg refuses.
std::string encode_jpeg(const Image& image, int quality);

}  // namespace lrcn
