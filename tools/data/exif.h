// The orientation that cameras write into EXIF blocks, and how a picture is turned upright.
#pragma once

#include <cstddef>
#include <span>

#include "tools/data/image.h"

namespace lrcn {

// The orientation, 1 to 8, in an EXIF block that begins with its TIFF header ("II" or "MM").
// Metadata never spoil a picture: a block that is cut, broken or silent gives 1.
int exif_orientation(std::span<const std::byte> tiff);

// The picture as it is to be shown, for an orientation as TIFF 6.0 defines it: 1 as stored,
// 2 mirrored, 3 turned by 180 degrees, 4 upside down, 5 transposed, 6 turned clockwise by 90
// degrees, 7 transposed along the other diagonal, 8 turned by 90 degrees counter-clockwise.
Image oriented(Image image, int orientation);

}  // namespace lrcn
