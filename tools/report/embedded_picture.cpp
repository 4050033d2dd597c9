#include "tools/report/embedded_picture.h"

#include <algorithm>
#include <span>

#include "core/io/file.h"
#include "tools/data/image.h"
#include "tools/data/image_format.h"
#include "tools/data/resize.h"
#include "tools/report/html_text.h"
#include "tools/report/jpeg_encode.h"

namespace lrcn {
namespace {

constexpr std::size_t kSmallFile = 100'000;  // bytes
constexpr int kLongestSide = 480;            // pixels
constexpr int kQuality = 85;

// Formats that every browser shows; empty for others.
std::string media_type(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "image/jpeg";
    case ImageFormat::png:
      return "image/png";
    case ImageFormat::webp:
      return "image/webp";
    default:
      return {};
  }
}

Image reduced(const Image& image) {
  const int longest = std::max(image.width, image.height);
  if (longest <= kLongestSide) {
    return image;
  }
  const auto side = [&](int pixels) {
    return std::max(1, int(std::int64_t(pixels) * kLongestSide / longest));
  };
  return resize_bilinear(image, side(image.width), side(image.height));
}

std::string uri(const std::string& type, std::span<const std::byte> bytes) {
  return "data:" + type + ";base64," + base64(bytes);
}

}  // namespace

EmbeddedPicture embed_picture(const std::filesystem::path& path) {
  const Image image = read_image(path);  // whole and sound, whatever the browser would accept
  const std::string file = read_file(path);
  const auto bytes = std::as_bytes(std::span(file));
  const std::string type = media_type(image_format(bytes));
  if (file.size() <= kSmallFile && !type.empty()) {
    return {uri(type, bytes), image.width, image.height};
  }
  const Image small = reduced(image);
  const std::string jpeg = encode_jpeg(small, kQuality);
  return {uri("image/jpeg", std::as_bytes(std::span(jpeg))), small.width, small.height};
}

}  // namespace lrcn
