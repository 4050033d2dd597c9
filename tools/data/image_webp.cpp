// WebP container (RFC 9649): "RIFF", size, "WEBP", then chunks of name, size, content, padding.
#include <cstdint>
#include <cstring>

#include "tools/data/exif.h"
#include "tools/data/image_bytes.h"
#include "tools/data/image_header.h"
#include "tools/data/image_refuse.h"

namespace lrcn {
namespace {

using Bytes = std::span<const std::byte>;

constexpr size_t kRiffHeader = 12;
constexpr size_t kChunkHeader = 8;
constexpr uint32_t kAnimation = 0x02;  // in the flags of VP8X

bool is_chunk(Bytes bytes, size_t at, const char* name) {
  return std::memcmp(bytes.data() + at, name, 4) == 0;
}

// Some writers put the mark that JPEG needs in front of the TIFF header.
Bytes without_exif_mark(Bytes chunk) {
  const bool marked = chunk.size() >= 6 && std::memcmp(chunk.data(), "Exif\0\0", 6) == 0;
  return marked ? chunk.subspan(6) : chunk;
}

}  // namespace

ImageHeader check_webp(Bytes bytes, std::string_view name, const DecodeOptions& options) {
  const auto require = [&](bool condition, const auto&... parts) {
    if (!condition) {
      refuse_image(name, "WebP: ", parts...);
    }
  };
  const size_t end = size_t{little_endian(bytes, 4, 4)} + 8;
  require(bytes.size() >= end, "cut off: the header says ", end, " bytes, the file has ",
          bytes.size());

  ImageHeader header;
  bool has_picture = false;
  for (size_t at = kRiffHeader; at < end;) {
    require(at + kChunkHeader <= end, "a chunk header at byte ", at, " is cut off");
    const size_t size = little_endian(bytes, at + 4, 4);
    const size_t content = at + kChunkHeader;
    require(content + size <= end, "the chunk at byte ", at, " ends behind the file");
    const Bytes chunk = bytes.subspan(content, size);
    if (is_chunk(bytes, at, "VP8X")) {
      require(size >= 10, "the chunk VP8X has ", size, " bytes, expected 10");
      require((little_endian(chunk, 0, 1) & kAnimation) == 0, "animations are not supported");
      check_image_size(int64_t{little_endian(chunk, 4, 3)} + 1,
                       int64_t{little_endian(chunk, 7, 3)} + 1, name, options);
    } else if (is_chunk(bytes, at, "VP8 ") && !has_picture) {
      require(size >= 10, "the chunk VP8 has ", size, " bytes, expected 10 or more");
      header.width = static_cast<int>(little_endian(chunk, 6, 2) & 0x3fff);
      header.height = static_cast<int>(little_endian(chunk, 8, 2) & 0x3fff);
      has_picture = true;
    } else if (is_chunk(bytes, at, "VP8L") && !has_picture) {
      require(size >= 5, "the chunk VP8L has ", size, " bytes, expected 5 or more");
      const uint32_t sides = little_endian(chunk, 1, 4);
      header.width = static_cast<int>(sides & 0x3fff) + 1;
      header.height = static_cast<int>(sides >> 14 & 0x3fff) + 1;
      has_picture = true;
    } else if (is_chunk(bytes, at, "EXIF")) {
      header.orientation = exif_orientation(without_exif_mark(chunk));
    }
    at = content + size + size % 2;
  }
  require(has_picture, "there is no picture in it");
  check_image_size(header.width, header.height, name, options);
  return header;
}

}  // namespace lrcn
