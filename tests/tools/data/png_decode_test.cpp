// What only PNG has: chunks with checksums. Files are built here, so that a wrong value can stand
// under a right checksum.
#include "tools/data/png_decode.h"

#include <cstring>

#include "tests/tools/data/image_samples.h"

namespace lrcn::test {
namespace {

using Bytes = std::vector<std::byte>;

uint32_t crc32(std::span<const std::byte> bytes) {
  uint32_t value = 0xffffffff;
  for (const std::byte b : bytes) {
    value ^= std::to_integer<uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
    }
  }
  return ~value;
}

void append(Bytes& bytes, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::byte>(value >> shift));
  }
}

Bytes chunk(std::string_view name, std::span<const std::byte> content) {
  Bytes bytes;
  append(bytes, static_cast<uint32_t>(content.size()));
  for (const char c : name) {
    bytes.push_back(static_cast<std::byte>(c));
  }
  bytes.insert(bytes.end(), content.begin(), content.end());
  append(bytes, crc32(std::span(bytes).subspan(4)));
  return bytes;
}

constexpr size_t kHeaderAt = 8;  // the chunk IHDR
constexpr size_t kHeaderEnd = 33;

Bytes with_chunk(Bytes png, const Bytes& added, size_t at = kHeaderEnd) {
  png.insert(png.begin() + static_cast<std::ptrdiff_t>(at), added.begin(), added.end());
  return png;
}

Bytes with_sides(uint32_t width, uint32_t height) {
  Bytes png = file_bytes(sample("rgb.png"));
  Bytes content;
  append(content, width);
  append(content, height);
  content.insert(content.end(), png.begin() + kHeaderAt + 16, png.begin() + kHeaderEnd - 4);
  const Bytes header = chunk("IHDR", content);
  std::copy(header.begin(), header.end(), png.begin() + kHeaderAt);
  return png;
}

Bytes text(std::string_view value) {
  const auto bytes = std::as_bytes(std::span(value));
  return {bytes.begin(), bytes.end()};
}

TEST(DecodePng, RefusesZeroAndHugeSidesBeforeTakingMemory) {
  EXPECT_NE(refusal(with_sides(0, 17)).find("width is zero"), std::string::npos);
  EXPECT_NE(refusal(with_sides(23, 0)).find("height is zero"), std::string::npos);
  EXPECT_NE(refusal(with_sides(100'000, 17)).find("1 to 65500 pixels, the header says 100000x17"),
            std::string::npos);
  EXPECT_NE(refusal(with_sides(23, 0x7fffffff)).find("the header says 23x2147483647"),
            std::string::npos);
  EXPECT_NE(refusal(with_sides(60'000, 60'000)).find("268435456 pixels"), std::string::npos);
  EXPECT_NE(refusal(with_sides(24, 17)), "");
  EXPECT_NE(refusal(with_sides(23, 18)), "");
}

TEST(DecodePng, IgnoresFaultyChunksThatDoNotChangePixels) {
  const Bytes png = file_bytes(sample("rgb.png"));
  const Bytes expected_pixels = [&] {
    const Image image = decode_png(png, "rgb", {});
    const auto bytes = std::as_bytes(std::span(image.pixels));
    return Bytes(bytes.begin(), bytes.end());
  }();
  for (const char* name : {"iCCP", "gAMA", "cHRM", "sRGB", "pHYs", "tEXt", "zTXt", "iTXt", "tIME",
                           "bKGD", "eXIf", "prVt"}) {
    const Image image = decode_png(with_chunk(png, chunk(name, text("nonsense"))), name, {});
    const auto bytes = std::as_bytes(std::span(image.pixels));
    EXPECT_TRUE(std::ranges::equal(bytes, expected_pixels)) << name;
  }
}

TEST(DecodePng, ChecksTheSumsOfChunksThatItIgnores) {
  Bytes broken = chunk("tEXt", text("Comment\0hello"));
  broken[10] ^= std::byte{1};
  EXPECT_NE(refusal(with_chunk(file_bytes(sample("rgb.png")), broken)).find("CRC error"),
            std::string::npos);
}

TEST(DecodePng, RefusesAnUnknownChunkThatMatters) {
  const Bytes critical = chunk("ABCD", text("xyz"));
  EXPECT_NE(refusal(with_chunk(file_bytes(sample("rgb.png")), critical)), "");
}

TEST(DecodePng, ShowsAPaletteIndexWithoutColourAsBlack) {
  // A palette of one colour for the two that a 1-bit picture has.
  Bytes content;
  append(content, 8);
  append(content, 1);
  for (const int value : {1, 3, 0, 0, 0}) {  // 1 bit, palette
    content.push_back(static_cast<std::byte>(value));
  }
  Bytes png = text("\x89PNG\r\n\x1a\n");
  const auto add = [&](const Bytes& part) { png.insert(png.end(), part.begin(), part.end()); };
  add(chunk("IHDR", content));
  add(chunk("PLTE", text("abc")));
  // zlib, one stored block: filter 0, eight pixels; Adler sum behind.
  Bytes data;
  for (const int value : {0x78, 0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x00, 0x0f, 0, 0, 0, 0}) {
    data.push_back(static_cast<std::byte>(value));
  }
  const uint32_t adler = (1U + 0x10U) << 16 | 0x10U;
  for (int i = 0; i < 4; ++i) {
    data[9 + i] = static_cast<std::byte>(adler >> (24 - 8 * i));
  }
  add(chunk("IDAT", data));
  add(chunk("IEND", {}));
  std::vector<uint8_t> expected;
  for (int x = 0; x < 8; ++x) {  // the bits 00001111
    expected.insert(expected.end(),
                    {uint8_t(x < 4 ? 'a' : 0), uint8_t(x < 4 ? 'b' : 0), uint8_t(x < 4 ? 'c' : 0)});
  }
  EXPECT_EQ(decode_png(png, "palette", {}).pixels, expected);
}

TEST(DecodePng, AppliesTheOrientationOfItsExifChunk) {
  const Image upright = decode_png(file_bytes(sample("exif_6.png")), "exif", {});
  EXPECT_EQ(upright.width, 17);
  EXPECT_EQ(upright.height, 23);
}

TEST(DecodePng, IgnoresWhatFollowsTheEndChunk) {
  Bytes png = file_bytes(sample("rgb.png"));
  png.insert(png.end(), 500, std::byte{0x5a});
  EXPECT_EQ(decode_png(png, "long", {}).pixels, pattern(23, 17).pixels);
}

}  // namespace
}  // namespace lrcn::test
