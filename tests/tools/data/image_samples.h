// Pictures and golden tables that the tests of image readers share.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "tests/test_data.h"
#include "tools/data/image.h"
#include "tools/data/image_codecs.h"

namespace lrcn::test {

// The same picture as pattern() in tests/golden/images/pictures.py.
inline Image pattern(int width, int height) {
  Image image{.width = width, .height = height};
  image.pixels.reserve(size_t{3} * width * height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const bool edge = (x / 5 + y / 3) % 7 == c;
        const int value = 7 * x + 13 * y + 29 * c + x * y * (c + 1) / 8 + 5 * (x ^ y);
        image.pixels.push_back(static_cast<uint8_t>(edge ? 255 * ((x + y) % 2) : value % 256));
      }
    }
  }
  return image;
}

// FNV-1a, 64 bits, as sixteen hexadecimal digits.
inline std::string fnv1a(std::span<const std::byte> bytes) {
  uint64_t value = 0xcbf29ce484222325;
  for (const std::byte b : bytes) {
    value = (value ^ std::to_integer<uint64_t>(b)) * 0x100000001b3;
  }
  std::string digits(16, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, value >>= 4) {
    *digit = "0123456789abcdef"[value & 15];
  }
  return digits;
}

inline std::vector<std::byte> file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

// The rows of a table, split at tabs.
inline std::vector<std::vector<std::string>> table(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    rows.emplace_back();
    for (std::string field; std::getline(fields, field, '\t');) {
      rows.back().push_back(field);
    }
  }
  return rows;
}

// The pictures in tests/golden/images/files.
inline std::vector<std::filesystem::path> sample_files() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(golden("images/files"))) {
    paths.push_back(entry.path());
  }
  return paths;
}

inline std::filesystem::path sample(const std::string& name) {
  return golden("images/files") / name;
}

inline bool needs_codecs(const std::filesystem::path& path) {
  return path.extension() == ".bmp" || path.extension() == ".webp";
}

inline bool have_codecs() {
  try {
    return !find_codec_module().empty();
  } catch (const NotFoundError&) {
    return false;
  }
}

inline constexpr const char* kNeedsCodecs = "needs lrcn_opencv_codecs.so, which is not there";

// The message of the DataError with which the bytes are refused; a test failure when they are not.
inline std::string refusal(std::span<const std::byte> bytes, const DecodeOptions& options = {}) {
  try {
    const Image image = decode_image(bytes, "picture", options);
    ADD_FAILURE() << "decoded to " << image.width << "x" << image.height;
  } catch (const DataError& error) {
    return error.what();
  }
  return {};
}

}  // namespace lrcn::test
