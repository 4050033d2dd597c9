// Our own checks of BMP and WebP headers, before any codec sees the file.
#include "tools/data/image_header.h"

#include <cstring>

#include "tests/tools/data/image_samples.h"

namespace lrcn::test {
namespace {

using Bytes = std::vector<std::byte>;

void put(Bytes& bytes, size_t offset, uint32_t value, size_t count = 4) {
  for (size_t i = 0; i < count; ++i) {
    bytes[offset + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

struct Change {
  const char* what;
  size_t offset;
  uint32_t value;
  size_t count;
  const char* message;
};

TEST(BmpHeader, RefusesWhatCannotBeDecodedFaithfully) {
  const Bytes bmp = file_bytes(sample("palette.bmp"));
  EXPECT_EQ(check_bmp(bmp, "whole", {}).width, 23);
  const std::vector<Change> changes = {
      {"a negative width", 18, 0xffffffe9, 4, "the header says -23x17"},
      {"no width", 18, 0, 4, "the header says 0x17"},
      {"no height", 22, 0, 4, "the header says 23x0"},
      {"the lowest height", 22, 0x80000000, 4, "the header says 23x2147483648"},
      {"100,000 pixels a side", 18, 100'000, 4, "the header says 100000x17"},
      {"a strange header", 14, 39, 4, "expected an information header"},
      {"a header behind the end", 14, 124, 4, "inside of the header"},
      {"three bits", 28, 3, 2, "got 3"},
      {"run-length coding", 30, 1, 4, "compression 1 with 8 bits"},
      {"an embedded JPEG", 30, 4, 4, "compression 4"},
      {"a palette of 300 colours", 46, 300, 4, "a palette of 300 colours"},
      {"pixels inside of the palette", 10, 60, 4, "inside of the header"},
      {"more rows than there are", 22, 18, 4, "cut off"},
  };
  for (const Change& change : changes) {
    Bytes damaged = bmp;
    put(damaged, change.offset, change.value, change.count);
    EXPECT_NE(refusal(damaged).find(change.message), std::string::npos)
        << change.what << ": " << refusal(damaged);
  }
}

TEST(BmpHeader, AcceptsHeightsInBothDirections) {
  Bytes bmp = file_bytes(sample("rgb.bmp"));
  put(bmp, 22, static_cast<uint32_t>(-17));
  const ImageHeader header = check_bmp(bmp, "top down", {});
  EXPECT_EQ(header.width, 23);
  EXPECT_EQ(header.height, 17);
  if (!have_codecs()) {
    GTEST_SKIP() << kNeedsCodecs;
  }
  const Image image = decode_image(bmp, "top down");
  const Image bottom_up = read_image(sample("rgb.bmp"));
  const size_t row = size_t{3} * 23;
  for (size_t y = 0; y < 17; ++y) {
    EXPECT_EQ(0, std::memcmp(&image.pixels[row * y], &bottom_up.pixels[row * (16 - y)], row));
  }
}

TEST(BmpHeader, ReadsTheHeaderOfOs2) {
  // 2x1, 24 bits: file header, 12 bytes, one row padded to 8 bytes.
  Bytes bmp(34);
  bmp[0] = std::byte{'B'};
  bmp[1] = std::byte{'M'};
  put(bmp, 10, 26);
  put(bmp, 14, 12);
  put(bmp, 18, 2, 2);
  put(bmp, 20, 1, 2);
  put(bmp, 22, 1, 2);
  put(bmp, 24, 24, 2);
  put(bmp, 26, 0x00112233);  // blue 0x33, green 0x22, red 0x11
  const ImageHeader header = check_bmp(bmp, "os2", {});
  EXPECT_EQ(header.width, 2);
  EXPECT_EQ(header.height, 1);
  if (!have_codecs()) {
    GTEST_SKIP() << kNeedsCodecs;
  }
  EXPECT_EQ(decode_image(bmp, "os2").pixels, (std::vector<uint8_t>{0x11, 0x22, 0x33, 0, 0, 0}));
}

TEST(WebpHeader, RefusesWhatCannotBeDecodedFaithfully) {
  const Bytes lossless = file_bytes(sample("lossless.webp"));  // chunk VP8L at byte 12
  const Bytes extended = file_bytes(sample("exif_6.webp"));    // chunk VP8X at byte 12
  EXPECT_EQ(check_webp(lossless, "whole", {}).width, 23);
  EXPECT_EQ(check_webp(extended, "whole", {}).orientation, 6);
  const auto changed = [](Bytes bytes, size_t offset, uint32_t value) {
    put(bytes, offset, value);
    return refusal(bytes);
  };
  EXPECT_NE(changed(lossless, 4, 10'000).find("cut off"), std::string::npos);
  EXPECT_NE(changed(lossless, 4, 4).find("no picture"), std::string::npos);
  EXPECT_NE(changed(lossless, 16, 100'000).find("ends behind the file"), std::string::npos);
  EXPECT_NE(changed(lossless, 12, 0x41414141).find("no picture"), std::string::npos);
  EXPECT_NE(changed(extended, 20, 0x02).find("animations"), std::string::npos);
  EXPECT_NE(changed(extended, 24, 0xffffff).find("the header says 16777216x"), std::string::npos);
  EXPECT_NE(refusal(lossless, {.max_side = 20}).find("23x17"), std::string::npos);
}

}  // namespace
}  // namespace lrcn::test
