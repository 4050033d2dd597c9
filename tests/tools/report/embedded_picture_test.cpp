#include "tools/report/embedded_picture.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tools/data/png_encode.h"
#include "tools/report/html_text.h"
#include "tools/report/jpeg_encode.h"

namespace lrcn::test {
namespace {

// Red grows to the right and green to the bottom.
Image slope(int width, int height) {
  Image image{.width = width, .height = height, .pixels = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.push_back(std::uint8_t(255 * x / width));
      image.pixels.push_back(std::uint8_t(255 * y / height));
      image.pixels.push_back(60);
    }
  }
  return image;
}

// Compresses badly, so that its file is large.
Image noise(int width, int height) {
  Image image{.width = width, .height = height, .pixels = {}};
  std::uint32_t state = 1;
  for (int i = 0; i < 3 * width * height; ++i) {
    state = state * 1664525u + 1013904223u;
    image.pixels.push_back(std::uint8_t(state >> 24));
  }
  return image;
}

TEST(EncodeJpeg, IsReadAsNearlyTheSamePicture) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(31, 17), std::pair(64, 48)}) {
    const Image image = slope(width, height);
    const std::string file = encode_jpeg(image, 95);
    const Image back = decode_image(std::as_bytes(std::span(file)), "picture");
    ASSERT_EQ(back.width, width);
    ASSERT_EQ(back.height, height);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      ASSERT_NEAR(image.pixels[i], back.pixels[i], 25) << i;
    }
  }
}

TEST(EncodeJpeg, RefusesWhatIsNoPicture) {
  EXPECT_THROW(encode_jpeg({}, 85), ArgumentError);
  EXPECT_THROW(encode_jpeg({.width = 2, .height = 2, .pixels = {0}}, 85), ArgumentError);
  EXPECT_THROW(encode_jpeg(slope(2, 2), 0), ArgumentError);
  EXPECT_THROW(encode_jpeg(slope(2, 2), 101), ArgumentError);
}

TEST(EmbeddedPicture, HoldsASmallFileAsItIs) {
  const TemporaryFolder folder;
  const std::string file = encode_png(slope(20, 10));
  write_file_atomically(folder / "a.png", file);
  const EmbeddedPicture picture = embed_picture(folder / "a.png");
  EXPECT_EQ(picture.uri, "data:image/png;base64," + base64(std::as_bytes(std::span(file))));
  EXPECT_EQ(picture.width, 20);
  EXPECT_EQ(picture.height, 10);
}

TEST(EmbeddedPicture, ReducesALargeFile) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "large.png", encode_png(noise(960, 300)));
  const EmbeddedPicture picture = embed_picture(folder / "large.png");
  EXPECT_TRUE(picture.uri.starts_with("data:image/jpeg;base64,"));
  EXPECT_EQ(picture.width, 480);
  EXPECT_EQ(picture.height, 150);
}

TEST(EmbeddedPicture, RefusesDamagedAndAbsentFiles) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.png", encode_png(slope(20, 10)).substr(0, 40));
  EXPECT_THROW(embed_picture(folder / "a.png"), DataError);
  EXPECT_THROW(embed_picture(folder / "absent.png"), NotFoundError);
}

}  // namespace
}  // namespace lrcn::test
