#include "tools/data/image_format.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace lrcn {
namespace {

using namespace std::string_view_literals;

bool has(std::span<const std::byte> bytes, size_t offset, std::string_view mark) {
  return bytes.size() >= offset + mark.size() &&
         std::ranges::equal(bytes.subspan(offset, mark.size()), mark, {}, {},
                            [](char c) { return static_cast<std::byte>(c); });
}

struct Mark {
  size_t offset;
  std::string_view bytes;
  const char* content;
};

// Formats that people do have, so that the message names them.
constexpr std::array kUnsupported = {
    Mark{0, "GIF8"sv, "a GIF picture"},
    Mark{0, "II*\0"sv, "a TIFF picture"},
    Mark{0, "MM\0*"sv, "a TIFF picture"},
    Mark{4, "ftypavi"sv, "an AVIF picture"},
    Mark{4, "ftyphei"sv, "a HEIF picture"},
    Mark{4, "ftypmif1"sv, "a HEIF picture"},
    Mark{4, "ftyp"sv, "a video"},
    Mark{0, "\0\0\0\x0cjP  "sv, "a JPEG 2000 picture"},
    Mark{0, "\xff\x0a"sv, "a JPEG XL picture"},
    Mark{0, "\0\0\0\x0cJXL "sv, "a JPEG XL picture"},
    Mark{0, "8BPS"sv, "a Photoshop document"},
    Mark{0, "%PDF"sv, "a PDF document"},
    Mark{0, "\x1f\x8b"sv, "gzip data"},
    Mark{0, "PK\x03\x04"sv, "a zip archive"},
};

bool is_text(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes.first(std::min<size_t>(bytes.size(), 64)), [](std::byte b) {
    const auto c = std::to_integer<unsigned char>(b);
    return (c >= 0x20 && c < 0xf8 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t';
  });
}

}  // namespace

ImageFormat image_format(std::span<const std::byte> bytes) {
  if (has(bytes, 0, "\xff\xd8\xff"sv)) {
    return ImageFormat::jpeg;
  }
  if (has(bytes, 0, "\x89PNG\r\n\x1a\n"sv)) {
    return ImageFormat::png;
  }
  if (has(bytes, 0, "BM"sv)) {
    return ImageFormat::bmp;
  }
  if (has(bytes, 0, "RIFF"sv) && has(bytes, 8, "WEBP"sv)) {
    return ImageFormat::webp;
  }
  return ImageFormat::other;
}

std::string describe_content(std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    return "nothing (0 bytes)";
  }
  for (const Mark& mark : kUnsupported) {
    if (has(bytes, mark.offset, mark.bytes)) {
      return mark.content;
    }
  }
  if (is_text(bytes)) {
    return "text";
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string description = "unknown data that begin with";
  for (std::byte b : bytes.first(std::min<size_t>(bytes.size(), 4))) {
    description += ' ';
    description += kDigits[std::to_integer<size_t>(b >> 4)];
    description += kDigits[std::to_integer<size_t>(b & std::byte{0x0f})];
  }
  return description;
}

}  // namespace lrcn
