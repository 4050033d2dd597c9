// Bilinear resizing with antialiasing, equal to the BILINEAR of Pillow up to version 12 byte for
// byte. (Version 13 begins with the columns where that is cheaper, and differs by single steps
// there.)
//
// With s = max(1, source / target) along an axis, output position i is centred at
// c = (i + 1/2) source / target and is the mean of the source pixels j with the weights
// max(0, 1 - |j + 1/2 - c| / s), normalised and rounded to 22 binary digits. Rows are resized first
// and rounded to bytes, columns follow.
#pragma once

#include "tools/data/image.h"

namespace lrcn {

// The whole picture in another size. ArgumentError: an empty picture, or a side below 1.
Image resize_bilinear(const Image& image, int width, int height);

// The part `region` of resize_bilinear(image, width, height), without computing the rest.
// ArgumentError: as above, or a region that is empty or leaves the resized picture.
Image resize_bilinear_region(const Image& image, int width, int height, const Rectangle& region);

// A part of the picture. ArgumentError: it is empty or leaves the picture.
Image crop(const Image& image, const Rectangle& region);

// The picture with left and right exchanged.
Image mirror(Image image);

}  // namespace lrcn
