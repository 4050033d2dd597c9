#include "tools/data/image.h"

#include <string>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/io/file.h"
#include "tools/data/exif.h"
#include "tools/data/image_codecs.h"
#include "tools/data/image_format.h"
#include "tools/data/image_header.h"
#include "tools/data/image_refuse.h"
#include "tools/data/jpeg_decode.h"
#include "tools/data/png_decode.h"

namespace lrcn {
namespace {

// Above any picture that the limits on pixels admit: 256 megapixels of eight bytes.
constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 31;

// A format of the module: our own look at the header first, so that sizes are known before memory
// is taken and a cut file is not padded.
Image decode_by_module(std::span<const std::byte> bytes, std::string_view name,
                       const ImageHeader& header, const DecodeOptions& options) {
  Image image{.width = header.width, .height = header.height};
  image.pixels.resize(static_cast<size_t>(3) * header.width * header.height);
  decode_with_codecs(bytes, name, options.codec_folder, image);
  return oriented(std::move(image), header.orientation);
}

// Opens only regular files, since a pipe would wait for ever.
std::string picture_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  check<NotFoundError>(std::filesystem::exists(status), "read_image: ", path.string(), ": ",
                       error ? error.message() : "no such file");
  check<IoError>(std::filesystem::is_regular_file(status), "read_image: ", path.string(),
                 ": expected a file, got a folder or a device");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  check<IoError>(!error, "read_image: ", path.string(), ": ", error.message());
  check<DataError>(size <= kMaxFileBytes, "read_image: ", path.string(), ": a picture may have ",
                   kMaxFileBytes, " bytes, this file has ", size);
  return read_file(path);
}

}  // namespace

Image decode_image(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options) {
  switch (image_format(bytes)) {
    case ImageFormat::jpeg:
      return decode_jpeg(bytes, name, options);
    case ImageFormat::png:
      return decode_png(bytes, name, options);
    case ImageFormat::bmp:
      return decode_by_module(bytes, name, check_bmp(bytes, name, options), options);
    case ImageFormat::webp:
      return decode_by_module(bytes, name, check_webp(bytes, name, options), options);
    case ImageFormat::other:
      break;
  }
  refuse_image(name, "expected a JPEG, PNG, BMP or WebP picture, got ", describe_content(bytes));
}

Image read_image(const std::filesystem::path& path, const DecodeOptions& options) {
  const std::string content = picture_file(path);
  return decode_image(std::as_bytes(std::span(content)), path.string(), options);
}

}  // namespace lrcn
