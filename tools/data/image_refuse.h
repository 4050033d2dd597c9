// How the readers of pictures refuse: one wording, and the limits that all of them share.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "tools/data/image.h"

namespace lrcn {

// Throws DataError "decode_image: NAME: ...".
template <class... Parts>
[[noreturn]] void refuse_image(std::string_view name, const Parts&... parts) {
  fail<DataError>("decode_image: ", name, ": ", parts...);
}

// Throws DataError unless the size that a header announces lies within the limits.
inline void check_image_size(int64_t width, int64_t height, std::string_view name,
                             const DecodeOptions& options) {
  if (width < 1 || height < 1 || width > options.max_side || height > options.max_side) {
    refuse_image(name, "sides must be 1 to ", options.max_side, " pixels, the header says ", width,
                 "x", height);
  }
  if (width * height > options.max_pixels) {
    refuse_image(name, "a picture may have ", options.max_pixels, " pixels, the header says ",
                 width, "x", height);
  }
}

}  // namespace lrcn
