// The collection of odd pictures: every file behaves as its inventory says.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "tests/tools/data/image_samples.h"

namespace lrcn::test {
namespace {

const std::string kFolder = "odd_images";

// What the column "expected outcome" allows.
struct Outcome {
  std::string size;  // "100x100", of the upright picture; empty: must be refused
  bool may_be_refused = false;
};

Outcome outcome(const std::string& text) {
  if (text.starts_with("must be refused")) {
    return {};
  }
  const std::string decodes = "decodes to ";
  const std::string stored = " as stored, ";  // the upright size follows
  EXPECT_TRUE(text.starts_with(decodes)) << "cannot read the expected outcome: " << text;
  const size_t turned = text.find(stored);
  const size_t at = turned == std::string::npos ? decodes.size() : turned + stored.size();
  return {.size = text.substr(at, text.find_first_not_of("0123456789x", at) - at),
          .may_be_refused = text.find("is refused") != std::string::npos ||
                            text.find("must be refused") != std::string::npos};
}

TEST(OddImages, BehaveAsTheInventorySays) {
  const auto inventory = test_data(kFolder) / "INVENTORY.tsv";
  LRCN_SKIP_WITHOUT(inventory);
  testing::internal::CaptureStderr();
  int files = 0;
  const auto rows = table(inventory);
  for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
    const auto path = test_data(kFolder) / row->at(0);
    if (needs_codecs(path) && !have_codecs()) {
      continue;
    }
    SCOPED_TRACE(path.filename());
    const Outcome expected = outcome(row->at(2));
    ++files;
    try {
      const Image image = read_image(path);
      EXPECT_EQ(std::to_string(image.width) + "x" + std::to_string(image.height), expected.size);
      EXPECT_EQ(image.pixels.size(), size_t{3} * image.width * image.height);
    } catch (const DataError& error) {
      EXPECT_TRUE(expected.size.empty() || expected.may_be_refused) << error.what();
      EXPECT_NE(std::string(error.what()).find(row->at(0)), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GE(files, have_codecs() ? 49 : 42);
}

TEST(OddImages, ShowTheSameQuartersInAllOrientations) {
  LRCN_SKIP_WITHOUT(test_data(kFolder));
  struct Quarter {
    int x, y;
    std::array<int, 3> colour;
  };
  const std::array<Quarter, 4> quarters = {
      {{2, 2, {255, 0, 0}}, {7, 2, {0, 255, 0}}, {2, 7, {0, 0, 255}}, {7, 7, {255, 255, 255}}}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Image image = read_image(test_data(kFolder) /
                                   ("exif_orientation_" + std::to_string(orientation) + ".jpg"));
    ASSERT_EQ(image.width, 10);
    for (const Quarter& quarter : quarters) {
      for (size_t c = 0; c < 3; ++c) {
        const int value = image.pixels[(size_t{10} * quarter.y + quarter.x) * 3 + c];
        // JPEG is lossy: within a few steps of the pure colour.
        EXPECT_LE(std::abs(value - quarter.colour[c]), 8)
            << "orientation " << orientation << ", pixel " << quarter.x << "," << quarter.y;
      }
    }
  }
}

TEST(OddImages, ReadsABmpFromTheTopAsOneFromTheBottom) {
  LRCN_SKIP_WITHOUT(test_data(kFolder));
  if (!have_codecs()) {
    GTEST_SKIP() << kNeedsCodecs;
  }
  EXPECT_EQ(read_image(test_data(kFolder) / "bmp_8bit_top_down.bmp").pixels,
            read_image(test_data(kFolder) / "bmp_24bit.bmp").pixels);
}

TEST(OddImages, SaysWhyItRefuses) {
  LRCN_SKIP_WITHOUT(test_data(kFolder));
  const auto said = [](const char* name) { return refusal(file_bytes(test_data(kFolder) / name)); };
  EXPECT_NE(said("twelve_bit.jpg").find("12 bits a sample, only 8"), std::string::npos);
  EXPECT_NE(said("corrupt_size.jpg").find("Premature end of JPEG file"), std::string::npos);
  EXPECT_NE(said("corrupt_xcsn0g01.png").find("CRC error"), std::string::npos);
  EXPECT_NE(said("text.jpg").find("got text"), std::string::npos);
}

}  // namespace
}  // namespace lrcn::test
