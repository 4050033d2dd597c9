#include "tools/data/png_encode.h"

#include <png.h>

#include "core/error.h"

namespace lrcn {

// libpng's simplified interface reports errors by value, without longjmp.
std::string encode_png(const Image& image) {
  check(image.width > 0 && image.height > 0 &&
            image.pixels.size() == std::size_t(image.width) * std::size_t(image.height) * 3,
        "encode_png: ", image.width, "x", image.height, " needs three bytes a pixel, got ",
        image.pixels.size());
  png_image description{};
  description.version = PNG_IMAGE_VERSION;
  description.width = png_uint_32(image.width);
  description.height = png_uint_32(image.height);
  description.format = PNG_FORMAT_RGB;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(description);
  std::string file(bytes, '\0');
  const int written = png_image_write_to_memory(&description, file.data(), &bytes, 0,
                                                image.pixels.data(), 0, nullptr);
  const std::string reason = description.message;
  png_image_free(&description);
  check<DataError>(written != 0, "encode_png: ", reason);
  file.resize(bytes);
  return file;
}

}  // namespace lrcn
