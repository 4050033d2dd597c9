#include "tools/data/image.h"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "core/error.h"
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
  Image image{.width = header.width, .height = header.height, .pixels = {}};
  image.pixels.resize(static_cast<size_t>(3) * header.width * header.height);
  decode_with_codecs(bytes, name, options.codec_folder, image);
  return oriented(std::move(image), header.orientation);
}

std::vector<std::byte> file_bytes(const std::filesystem::path& path) {
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

  errno = 0;
  std::ifstream file(path, std::ios::binary);
  check<NotFoundError>(file.is_open(), "read_image: ", path.string(), ": ",
                       std::generic_category().message(errno));
  std::vector<std::byte> bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  check<IoError>(static_cast<std::uintmax_t>(file.gcount()) == size, "read_image: ", path.string(),
                 ": read ", file.gcount(), " of ", size, " bytes");
  return bytes;
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
  return decode_image(file_bytes(path), path.string(), options);
}

}  // namespace lrcn
