// BMP as Windows documents it: file header of 14 bytes, information header, masks, palette, rows.
#include <algorithm>
#include <cstdint>

#include "tools/data/image_bytes.h"
#include "tools/data/image_header.h"
#include "tools/data/image_refuse.h"

namespace lrcn {
namespace {

constexpr size_t kFileHeader = 14;
constexpr uint32_t kCoreHeader = 12;  // the one of OS/2: 16-bit sides, palette entries of 3 bytes
constexpr uint32_t kInfoHeader = 40;
constexpr uint32_t kLargestHeader = 124;
constexpr uint32_t kUncompressed = 0;
constexpr uint32_t kBitFields = 3;

bool known_masks(std::span<const std::byte> bytes, uint32_t bits) {
  const uint32_t red = little_endian(bytes, kFileHeader + kInfoHeader, 4);
  const uint32_t green = little_endian(bytes, kFileHeader + kInfoHeader + 4, 4);
  const uint32_t blue = little_endian(bytes, kFileHeader + kInfoHeader + 8, 4);
  if (bits == 32) {
    return red == 0xff0000 && green == 0xff00 && blue == 0xff;
  }
  return (red == 0xf800 && green == 0x7e0 && blue == 0x1f) ||
         (red == 0x7c00 && green == 0x3e0 && blue == 0x1f);
}

}  // namespace

ImageHeader check_bmp(std::span<const std::byte> bytes, std::string_view name,
                      const DecodeOptions& options) {
  const auto require = [&](bool condition, const auto&... parts) {
    if (!condition) {
      refuse_image(name, "BMP: ", parts...);
    }
  };
  require(bytes.size() >= kFileHeader + 4, "cut off in the header (", bytes.size(), " bytes)");
  const size_t pixels_at = little_endian(bytes, 10, 4);
  const uint32_t header = little_endian(bytes, kFileHeader, 4);
  const bool core = header == kCoreHeader;
  require(core || (header >= kInfoHeader && header <= kLargestHeader),
          "expected an information header of 12 or 40 to 124 bytes, got ", header);
  require(bytes.size() >= kFileHeader + header, "cut off in the header (", bytes.size(), " bytes)");

  // Sides are signed, except in OS/2's header.
  const auto side = [&](size_t offset) -> int64_t {
    const uint32_t value = little_endian(bytes, offset, core ? 2 : 4);
    return core ? int64_t{value} : int64_t{static_cast<int32_t>(value)};
  };
  const int64_t width = side(18);
  const int64_t signed_height = side(core ? 20 : 22);
  const int64_t height = signed_height < 0 ? -signed_height : signed_height;  // < 0: top row first
  check_image_size(width, height, name, options);

  const uint32_t bits = little_endian(bytes, core ? 24 : 28, 2);
  const uint32_t compression = core ? kUncompressed : little_endian(bytes, 30, 4);
  require(bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32,
          "expected 1, 4, 8, 16, 24 or 32 bits a pixel, got ", bits);
  require(!core || bits != 16, "an OS/2 header with 16 bits a pixel");
  require(compression == kUncompressed || (compression == kBitFields && bits >= 16 && bits != 24),
          "compression ", compression, " with ", bits, " bits a pixel is not supported");

  size_t rows_from = kFileHeader + header;
  if (compression == kBitFields) {
    // Headers above 40 bytes hold the masks themselves, at the same place.
    rows_from = std::max(rows_from, kFileHeader + kInfoHeader + 12);
    require(bytes.size() >= rows_from, "cut off in the masks (", bytes.size(), " bytes)");
    require(known_masks(bytes, bits), "the bit masks of the colours are not supported");
  }
  if (bits <= 8) {
    const uint32_t used = core ? 0 : little_endian(bytes, 46, 4);
    require(used <= (1U << bits), "a palette of ", used, " colours with ", bits, " bits a pixel");
    rows_from += size_t{core ? 3U : 4U} * (used == 0 ? 1U << bits : used);
  }
  require(pixels_at >= rows_from, "the pixels begin at byte ", pixels_at,
          ", inside of the header that ends at ", rows_from);
  const auto row_bytes = static_cast<size_t>((width * bits + 31) / 32 * 4);
  const size_t end = pixels_at + row_bytes * static_cast<size_t>(height);
  require(bytes.size() >= end, "cut off: ", width, "x", height, " with ", bits,
          " bits a pixel end at byte ", end, ", the file has ", bytes.size());
  return {.width = static_cast<int>(width), .height = static_cast<int>(height), .orientation = 1};
}

}  // namespace lrcn
