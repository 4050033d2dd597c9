// Pictures as rows of RGB bytes, and the one way to read them.
//
// Accepted: JPEG (8 bit: baseline, progressive, arithmetic; grey, YCbCr, RGB, CMYK, YCCK), PNG (all
// kinds), BMP (uncompressed) and WebP (still). The format is decided by the content, never by the
// file name. Reading is strict: a picture comes back whole, or an error says why not.
//   * EXIF orientation is applied; a broken EXIF block is ignored.
//   * Transparency is dropped, not blended; 16-bit samples keep their high byte.
//   * Colour profiles and gamma are ignored.
// Thread-safe; nothing is printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace lrcn {

struct Image {
  int width = 0;                     // pixels
  int height = 0;                    // pixels
  std::vector<uint8_t> pixels = {};  // [height, width, 3], red green blue, rows from top to bottom
};

// A part of a picture, in pixels from its top left corner.
struct Rectangle {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

struct DecodeOptions {
  int max_side = 65'500;                  // pixels; checked before memory is taken
  int64_t max_pixels = int64_t{1} << 28;  // of the whole picture: 256 megapixels
  // Folder of the module that decodes BMP and WebP; empty: the usual places (image_codecs.h).
  std::filesystem::path codec_folder = {};
};

// Decodes a picture held in memory; `name` stands for it in messages.
// DataError: no picture, damaged, cut off, of an unsupported kind, or larger than the options
// allow. NotFoundError: BMP or WebP, and the module of codecs is not installed.
Image decode_image(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options = {});

// Reads and decodes a file. Beside the errors of decode_image: NotFoundError when it is absent or
// cannot be opened, IoError when it is no regular file or reading fails.
Image read_image(const std::filesystem::path& path, const DecodeOptions& options = {});

}  // namespace lrcn
