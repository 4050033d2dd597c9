// Resizing, cropping and mirroring.
#include "tools/data/resize.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/tools/data/image_samples.h"

namespace lrcn::test {
namespace {

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

TEST(ResizeBilinear, AgreesWithPillowByteForByte) {
  const auto rows = table(golden("images/resize.tsv"));
  ASSERT_EQ(rows.size(), 35U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 6U);
    const Image source = pattern(std::stoi(row[0]), std::stoi(row[1]));
    const Image resized = resize_bilinear(source, std::stoi(row[2]), std::stoi(row[3]));
    SCOPED_TRACE(row[0] + "x" + row[1] + " to " + row[2] + "x" + row[3]);
    EXPECT_EQ(std::to_string(resized.width), row[2]);
    EXPECT_EQ(std::to_string(resized.height), row[3]);
    if (row[5] != "-") {
      EXPECT_EQ(hex(resized.pixels), row[5]);
    }
    EXPECT_EQ(fnv1a(std::as_bytes(std::span(resized.pixels))), row[4]);
  }
}

TEST(ResizeBilinear, KeepsAPictureOfItsOwnSize) {
  const Image image = pattern(37, 21);
  EXPECT_EQ(resize_bilinear(image, 37, 21).pixels, image.pixels);
}

TEST(ResizeBilinear, KeepsOneColourInAnySize) {
  for (const int value : {0, 1, 127, 254, 255}) {
    const Image image{
        .width = 4001,
        .height = 3,
        .pixels = std::vector<uint8_t>(size_t{3} * 4001 * 3, static_cast<uint8_t>(value))};
    for (const int width : {1, 2, 17, 4000, 5000}) {
      for (const uint8_t byte : resize_bilinear(image, width, 2).pixels) {
        ASSERT_EQ(byte, value) << "width " << width;
      }
    }
  }
}

TEST(ResizeBilinear, GivesARegionAsACropOfTheWhole) {
  const Image image = pattern(61, 47);
  for (const auto& [width, height] : {std::pair{40, 33}, {90, 101}, {61, 47}, {61, 20}}) {
    const Image whole = resize_bilinear(image, width, height);
    for (const Rectangle& region :
         {Rectangle{0, 0, 1, 1}, Rectangle{width - 1, height - 1, 1, 1}, Rectangle{7, 3, 17, 15},
          Rectangle{width - 16, 0, 16, height}, Rectangle{0, height - 5, width, 5}}) {
      EXPECT_EQ(resize_bilinear_region(image, width, height, region).pixels,
                crop(whole, region).pixels)
          << width << "x" << height << " at " << region.x << "," << region.y;
    }
  }
}

TEST(ResizeBilinear, ComputesARegionOfAHugeResultWithoutTheRest) {
  const Image image = pattern(60'000, 1);
  const Image part = resize_bilinear_region(image, 15'360'000, 256,
                                            {.x = 7'679'000, .y = 16, .width = 224, .height = 224});
  EXPECT_EQ(part.pixels.size(), size_t{3} * 224 * 224);
}

TEST(ResizeBilinear, RefusesWhatHasNoPixels) {
  const Image image = pattern(4, 4);
  EXPECT_THROW(resize_bilinear(Image{}, 2, 2), ArgumentError);
  EXPECT_THROW(resize_bilinear(image, 0, 2), ArgumentError);
  EXPECT_THROW(resize_bilinear(image, 2, -1), ArgumentError);
  EXPECT_THROW(resize_bilinear_region(image, 8, 8, {0, 0, 9, 8}), ArgumentError);
  EXPECT_THROW(resize_bilinear_region(image, 8, 8, {-1, 0, 4, 4}), ArgumentError);
  EXPECT_THROW(resize_bilinear_region(image, 8, 8, {5, 0, 0, 4}), ArgumentError);
  EXPECT_THROW(resize_bilinear_region(image, 8, 8, {0, 2147483647, 4, 4}), ArgumentError);
}

TEST(Crop, TakesAPart) {
  const Image image = pattern(5, 4);
  const Image part = crop(image, {.x = 3, .y = 2, .width = 2, .height = 2});
  EXPECT_EQ(part.width, 2);
  EXPECT_EQ(part.height, 2);
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 2; ++x) {
      for (int c = 0; c < 3; ++c) {
        EXPECT_EQ(part.pixels[(2 * y + x) * 3 + c], image.pixels[(5 * (y + 2) + x + 3) * 3 + c]);
      }
    }
  }
}

TEST(Crop, RefusesWhatLeavesThePicture) {
  const Image image = pattern(5, 4);
  EXPECT_THROW(crop(image, {4, 0, 2, 2}), ArgumentError);
  EXPECT_THROW(crop(image, {0, 3, 2, 2}), ArgumentError);
  EXPECT_THROW(crop(image, {0, 0, 0, 2}), ArgumentError);
  EXPECT_THROW(crop(image, {0, -1, 2, 2}), ArgumentError);
}

TEST(Mirror, ExchangesLeftAndRight) {
  for (const int width : {1, 2, 5, 6}) {
    const Image image = pattern(width, 3);
    const Image mirrored = mirror(image);
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < width; ++x) {
        for (int c = 0; c < 3; ++c) {
          EXPECT_EQ(mirrored.pixels[(width * y + x) * 3 + c],
                    image.pixels[(width * y + width - 1 - x) * 3 + c]);
        }
      }
    }
    EXPECT_EQ(mirror(mirrored).pixels, image.pixels);
  }
}

}  // namespace
}  // namespace lrcn::test
