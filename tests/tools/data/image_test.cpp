// decode_image and read_image: what is decoded, and what is refused.
#include "tools/data/image.h"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>

#include "tests/tools/data/image_samples.h"
#include "tests/tools/data/temporary_file.h"

namespace lrcn::test {
namespace {

// decoded.tsv was written by another program, from the samples and from the test data.
TEST(DecodeImage, AgreesWithPillowByteForByte) {
  int samples = 0;
  for (const auto& row : table(golden("images/decoded.tsv"))) {
    ASSERT_EQ(row.size(), 4U);
    const std::string data_prefix = "data/";
    const auto path = row[0].starts_with(data_prefix) ? test_data(row[0].substr(data_prefix.size()))
                                                      : golden("images") / row[0];
    if (!std::filesystem::exists(path) || (needs_codecs(path) && !have_codecs())) {
      continue;
    }
    SCOPED_TRACE(row[0]);
    const Image image = read_image(path);
    EXPECT_EQ(std::to_string(image.width), row[1]);
    EXPECT_EQ(std::to_string(image.height), row[2]);
    EXPECT_EQ(image.pixels.size(), size_t{3} * image.width * image.height);
    EXPECT_EQ(fnv1a(std::as_bytes(std::span(image.pixels))), row[3]);
    ++samples;
  }
  EXPECT_GE(samples, 25);
}

TEST(DecodeImage, DecidesByContentAndNotByName) {
  EXPECT_EQ(decode_image(file_bytes(sample("rgb.png")), "photo.jpg").pixels,
            pattern(23, 17).pixels);
}

TEST(DecodeImage, RefusesAPictureCutAnywhere) {
  for (const auto& path : sample_files()) {
    if (needs_codecs(path) && !have_codecs()) {
      continue;
    }
    const auto bytes = file_bytes(path);
    ASSERT_GT(bytes.size(), 100U) << path;
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_THROW(decode_image(std::span(bytes).first(size), "cut"), DataError)
          << path.filename() << " cut after " << size << " of " << bytes.size() << " bytes";
    }
  }
}

// Either outcome is right for a damaged byte, since formats have bytes without meaning; a crash, an
// endless loop, another exception or a word on stderr is not. The sanitizers watch this test.
TEST(DecodeImage, SurvivesDamageSilently) {
  testing::internal::CaptureStderr();
  std::mt19937 random(7);
  int refused = 0;
  for (const auto& path : sample_files()) {
    if (needs_codecs(path) && !have_codecs()) {
      continue;
    }
    const auto bytes = file_bytes(path);
    for (int round = 0; round < 60; ++round) {
      auto damaged = bytes;
      for (unsigned i = 0; i < 1 + random() % 4; ++i) {
        damaged[random() % damaged.size()] = static_cast<std::byte>(random() % 256);
      }
      try {
        const Image image = decode_image(damaged, "damaged", {.max_pixels = 1 << 22});
        EXPECT_EQ(image.pixels.size(), size_t{3} * image.width * image.height);
      } catch (const DataError&) {
        ++refused;
      }
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(refused, 200);
}

TEST(DecodeImage, SaysWhatItWasGivenInstead) {
  const auto said = [](std::string_view bytes) { return refusal(std::as_bytes(std::span(bytes))); };
  EXPECT_EQ(said(""),
            "decode_image: picture: expected a JPEG, PNG, BMP or WebP picture, "
            "got nothing (0 bytes)");
  EXPECT_NE(said("404 not found\n").find("got text"), std::string::npos);
  EXPECT_NE(said("GIF89a\x01").find("got a GIF picture"), std::string::npos);
  EXPECT_NE(said({"II*\0\x08", 5}).find("got a TIFF picture"), std::string::npos);
  EXPECT_NE(said({"\0\0\0\x20"
                  "ftypavif",
                  12})
                .find("got an AVIF picture"),
            std::string::npos);
  EXPECT_NE(said({"\x8bPN\0\x01", 5}).find("begin with 8b 50 4e 00"), std::string::npos);
  EXPECT_NE(said({"\xff", 1}).find("begin with ff"), std::string::npos);
}

TEST(DecodeImage, KeepsToTheLimitsOfTheCaller) {
  for (const char* name : {"420.jpg", "rgb.png"}) {
    const auto bytes = file_bytes(sample(name));  // 23x17
    EXPECT_EQ(decode_image(bytes, name, {.max_side = 23, .max_pixels = 23 * 17}).width, 23);
    EXPECT_NE(refusal(bytes, {.max_side = 22}).find("1 to 22 pixels, the header says 23x17"),
              std::string::npos);
    EXPECT_NE(refusal(bytes, {.max_pixels = 390}).find("390 pixels, the header says 23x17"),
              std::string::npos);
  }
}

TEST(DecodeImage, WorksFromManyThreadsAtOnce) {
  std::vector<std::filesystem::path> paths = sample_files();
  std::erase_if(paths, [](const auto& path) { return needs_codecs(path) && !have_codecs(); });
  std::vector<Image> expected;
  for (const auto& path : paths) {
    expected.push_back(read_image(path));
  }
  std::vector<int> wrong(4, 0);
  {
    std::vector<std::jthread> threads;
    for (size_t t = 0; t < wrong.size(); ++t) {
      threads.emplace_back([&, t] {
        for (size_t i = 0; i < paths.size(); ++i) {
          const size_t k = (i + 7 * t) % paths.size();
          wrong[t] += read_image(paths[k]).pixels != expected[k].pixels;
          const auto cut = std::span(expected[k].pixels).first(3);
          try {
            decode_image(std::as_bytes(cut), "no picture");
            ++wrong[t];
          } catch (const DataError&) {
          }
        }
      });
    }
  }
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(ReadImage, TellsAbsentFromUnreadable) {
  const auto folder = fresh_folder();
  EXPECT_THROW(read_image(folder / "absent.jpg"), NotFoundError);
  EXPECT_THROW(read_image(folder), IoError);
  std::filesystem::create_symlink("loop.jpg", folder / "loop.jpg");
  EXPECT_THROW(read_image(folder / "loop.jpg"), NotFoundError);
  if (geteuid() != 0) {
    std::ofstream(folder / "secret.jpg") << "x";
    std::filesystem::permissions(folder / "secret.jpg", std::filesystem::perms::none);
    EXPECT_THROW(read_image(folder / "secret.jpg"), Error);
  }
}

TEST(ReadImage, NamesTheFileInItsMessage) {
  const auto path = write_text(fresh_folder() / "text.jpg", "not a picture");
  try {
    read_image(path);
    FAIL() << "a text was read as a picture";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
  }
}

}  // namespace
}  // namespace lrcn::test
