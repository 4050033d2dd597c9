// What only JPEG has: inks, scans, markers.
#include "tools/data/jpeg_decode.h"

#include <cstdio>
#include <cstdlib>
// clang-format off
#include <jpeglib.h>
// clang-format on

#include "tests/tools/data/image_samples.h"

namespace lrcn::test {
namespace {

using Bytes = std::vector<std::byte>;

struct Encoding {
  J_COLOR_SPACE colours = JCS_RGB;
  int channels = 3;
  bool adobe = true;  // write Adobe's marker where libjpeg would
  bool one_component_a_scan = false;
};

// A picture of one colour, 16x16.
Bytes encode(const std::vector<uint8_t>& colour, const Encoding& encoding) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = 16;
  info.image_height = 16;
  info.input_components = encoding.channels;
  info.in_color_space = encoding.colours;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  info.write_Adobe_marker = encoding.adobe ? info.write_Adobe_marker : FALSE;
  std::vector<jpeg_scan_info> scans(3);
  if (encoding.one_component_a_scan) {
    for (int c = 0; c < 3; ++c) {
      scans[c] = {.comps_in_scan = 1, .component_index = {c}, .Ss = 0, .Se = 63, .Ah = 0, .Al = 0};
    }
    info.scan_info = scans.data();
    info.num_scans = 3;
  }
  jpeg_start_compress(&info, TRUE);
  std::vector<uint8_t> row;
  for (int x = 0; x < 16; ++x) {
    row.insert(row.end(), colour.begin(), colour.end());
  }
  while (info.next_scanline < 16) {
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto bytes = std::as_bytes(std::span(memory, size));
  Bytes copy(bytes.begin(), bytes.end());
  std::free(memory);
  return copy;
}

void expect_colour(const Bytes& bytes, const std::vector<int>& colour) {
  const Image image = decode_jpeg(bytes, "one colour", {});
  ASSERT_EQ(image.width, 16);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    ASSERT_LE(std::abs(image.pixels[i] - colour[i % 3]), 2) << "byte " << i;
  }
}

size_t last_marker(const Bytes& bytes, int marker) {
  for (size_t i = bytes.size() - 1; i-- > 0;) {
    if (bytes[i] == std::byte{0xff} && bytes[i + 1] == static_cast<std::byte>(marker)) {
      return i;
    }
  }
  return bytes.size();
}

TEST(DecodeJpeg, GivesGreyThreeEqualChannels) {
  expect_colour(encode({77}, {.colours = JCS_GRAYSCALE, .channels = 1}), {77, 77, 77});
}

TEST(DecodeJpeg, ReadsAdobesInksAsInverted) {
  // Full light: stored 255. Black 128 halves it.
  expect_colour(encode({255, 128, 0, 255}, {.colours = JCS_CMYK, .channels = 4}), {255, 128, 0});
  expect_colour(encode({255, 128, 0, 128}, {.colours = JCS_CMYK, .channels = 4}), {128, 64, 0});
}

TEST(DecodeJpeg, ReadsInksWithoutAdobesMarkerAsTheyAre) {
  expect_colour(encode({0, 127, 255, 0}, {.colours = JCS_CMYK, .channels = 4, .adobe = false}),
                {255, 128, 0});
}

TEST(DecodeJpeg, ReadsScansOfOneComponent) {
  expect_colour(encode({200, 100, 50}, {.one_component_a_scan = true}), {200, 100, 50});
}

TEST(DecodeJpeg, RefusesFilesWithThousandsOfScans) {
  const Bytes bytes = encode({200, 100, 50}, {.one_component_a_scan = true});
  const size_t scan = last_marker(bytes, 0xda);
  const size_t end = last_marker(bytes, 0xd9);
  ASSERT_LT(scan, end);
  Bytes endless(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end));
  for (int i = 0; i < 2000; ++i) {
    endless.insert(endless.end(), bytes.begin() + static_cast<std::ptrdiff_t>(scan),
                   bytes.begin() + static_cast<std::ptrdiff_t>(end));
  }
  endless.insert(endless.end(), bytes.begin() + static_cast<std::ptrdiff_t>(end), bytes.end());
  EXPECT_NE(refusal(endless).find("more than 500 scans"), std::string::npos);
}

TEST(DecodeJpeg, RefusesZeroAndHugeSides) {
  Bytes bytes = encode({200, 100, 50}, {});
  const size_t frame = last_marker(bytes, 0xc0);  // length, precision, height, width follow
  ASSERT_LT(frame, bytes.size());
  const auto with_height = [&](int height) {
    bytes[frame + 5] = static_cast<std::byte>(height >> 8);
    bytes[frame + 6] = static_cast<std::byte>(height);
    return refusal(bytes);
  };
  EXPECT_NE(with_height(0).find("Empty JPEG image"), std::string::npos);
  EXPECT_NE(with_height(65535).find("Maximum supported image dimension is 65500"),
            std::string::npos);
  EXPECT_NE(with_height(40000).find("premature end of data"), std::string::npos);
}

TEST(DecodeJpeg, TreatsGarbageBetweenMarkersAsDamage) {
  Bytes bytes = encode({200, 100, 50}, {});
  const auto end = static_cast<std::ptrdiff_t>(last_marker(bytes, 0xd9));
  bytes.insert(bytes.begin() + end, 9, std::byte{0x33});
  EXPECT_NE(refusal(bytes).find("extraneous bytes"), std::string::npos);
}

TEST(DecodeJpeg, IgnoresWhatFollowsTheEndOfThePicture) {
  Bytes bytes = encode({200, 100, 50}, {});
  bytes.insert(bytes.end(), 1000, std::byte{0x5a});
  expect_colour(bytes, {200, 100, 50});
}

}  // namespace
}  // namespace lrcn::test
