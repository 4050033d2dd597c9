// Pictures inside of an HTML page.
#pragma once

#include <filesystem>
#include <string>

namespace lrcn {

struct EmbeddedPicture {
  std::string uri;  // data:...; empty when there is no picture
  int width = 0;    // pixels, upright
  int height = 0;
};

// The file itself when it is small, else a JPEG of it whose longer side has at most 480 pixels.
// Throws what read_image throws.
EmbeddedPicture embed_picture(const std::filesystem::path& path);

}  // namespace lrcn
