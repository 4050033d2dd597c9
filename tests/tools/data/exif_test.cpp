// The orientation tag, and turning pictures upright.
#include "tools/data/exif.h"

#include <gtest/gtest.h>

#include <string>

namespace lrcn::test {
namespace {

int orientation(const std::string& block) {
  return exif_orientation(std::as_bytes(std::span(block)));
}

std::string bytes(std::initializer_list<int> values) { return {values.begin(), values.end()}; }

// A TIFF header, then a directory of one entry: tag 0x0112, SHORT, one value.
std::string little(int value) {
  return bytes({'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0});
}
std::string big(int value) {
  return bytes({'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0});
}

TEST(Exif, ReadsTheOrientationInBothByteOrders) {
  for (int value = 1; value <= 8; ++value) {
    EXPECT_EQ(orientation(little(value)), value);
    EXPECT_EQ(orientation(big(value)), value);
  }
}

TEST(Exif, TakesOtherValuesForUpright) {
  for (const int value : {0, 9, 255}) {
    EXPECT_EQ(orientation(little(value)), 1);
    EXPECT_EQ(orientation(big(value)), 1);
  }
}

TEST(Exif, SurvivesEveryCutAndEveryDamagedByte) {
  const std::string whole = big(6);
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(orientation(whole.substr(0, size)), 1) << size;
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(value);
      const int result = orientation(damaged);
      EXPECT_TRUE(result >= 1 && result <= 8) << "byte " << i;
    }
  }
}

TEST(Exif, RefusesAnotherTypeOrCount) {
  std::string text = little(6);
  text[12] = 2;  // ASCII
  EXPECT_EQ(orientation(text), 1);
  std::string two = little(6);
  two[14] = 2;
  EXPECT_EQ(orientation(two), 1);
}

// One letter a pixel, so that the expectations can be read.
Image letters(int width, int height, const std::string& rows) {
  Image image{.width = width, .height = height};
  for (const char c : rows) {
    image.pixels.insert(image.pixels.end(), 3, static_cast<uint8_t>(c));
  }
  return image;
}

TEST(Exif, TurnsPicturesUpright) {
  // abc
  // def
  const Image stored = letters(3, 2, "abcdef");
  const std::vector<std::pair<int, std::string>> flat = {
      {1, "abcdef"}, {2, "cbafed"}, {3, "fedcba"}, {4, "defabc"}};
  for (const auto& [orientation_value, rows] : flat) {
    const Image upright = oriented(stored, orientation_value);
    EXPECT_EQ(upright.width, 3) << orientation_value;
    EXPECT_EQ(upright.pixels, letters(3, 2, rows).pixels) << orientation_value;
  }
  const std::vector<std::pair<int, std::string>> turned = {
      {5, "adbecf"}, {6, "daebfc"}, {7, "fcebda"}, {8, "cfbead"}};
  for (const auto& [orientation_value, rows] : turned) {
    const Image upright = oriented(stored, orientation_value);
    EXPECT_EQ(upright.width, 2) << orientation_value;
    EXPECT_EQ(upright.height, 3) << orientation_value;
    EXPECT_EQ(upright.pixels, letters(2, 3, rows).pixels) << orientation_value;
  }
}

}  // namespace
}  // namespace lrcn::test
