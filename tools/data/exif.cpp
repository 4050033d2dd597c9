#include "tools/data/exif.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "tools/data/image_bytes.h"

namespace lrcn {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr uint32_t kShort = 3;
constexpr size_t kEntryBytes = 12;  // tag, type, count, value

}  // namespace

int exif_orientation(std::span<const std::byte> tiff) {
  if (tiff.size() < 8) {
    return 1;
  }
  const bool little = tiff[0] == std::byte{'I'};
  const auto number = [&](size_t offset, size_t count) {
    return little ? little_endian(tiff, offset, count) : big_endian(tiff, offset, count);
  };
  if (tiff[0] != tiff[1] || (!little && tiff[0] != std::byte{'M'}) || number(2, 2) != 42) {
    return 1;
  }
  const size_t directory = number(4, 4);
  if (directory > tiff.size() - 2) {
    return 1;
  }
  const size_t entries = number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (entry + kEntryBytes > tiff.size()) {
      return 1;
    }
    if (number(entry, 2) == kOrientationTag) {
      const uint32_t value = number(entry + 8, 2);
      const bool valid =
          number(entry + 2, 2) == kShort && number(entry + 4, 4) == 1 && value >= 1 && value <= 8;
      return valid ? static_cast<int>(value) : 1;
    }
  }
  return 1;
}

Image oriented(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) {
    return image;
  }
  // Walks the source in the order in which the destination is written.
  const bool transposed = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const std::ptrdiff_t pixel = 3;
  const std::ptrdiff_t row = pixel * image.width;
  const std::ptrdiff_t along = from_right ? -pixel : pixel;
  const std::ptrdiff_t down = from_bottom ? -row : row;

  Image upright{.width = transposed ? image.height : image.width,
                .height = transposed ? image.width : image.height,
                .pixels = std::vector<uint8_t>(image.pixels.size())};
  const std::ptrdiff_t start =
      (from_right ? row - pixel : 0) + (from_bottom ? row * (image.height - 1) : 0);
  uint8_t* target = upright.pixels.data();
  for (int y = 0; y < upright.height; ++y) {
    std::ptrdiff_t source = start + y * (transposed ? along : down);
    for (int x = 0; x < upright.width; ++x) {
      std::memcpy(target, image.pixels.data() + source, 3);
      target += 3;
      source += transposed ? down : along;
    }
  }
  return upright;
}

}  // namespace lrcn
