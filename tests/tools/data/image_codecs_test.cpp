// The module of codecs: where it is found, and what happens without it.
#include "tools/data/image_codecs.h"

#include "tests/tools/data/image_samples.h"
#include "tests/tools/data/temporary_file.h"

namespace lrcn::test {
namespace {

class CodecFolder : public testing::Test {
 protected:
  // What reading a BMP says with modules looked for in this folder.
  std::string message() const {
    try {
      read_image(sample("rgb.bmp"), {.codec_folder = folder_});
    } catch (const NotFoundError& error) {
      return error.what();
    }
    ADD_FAILURE() << "no NotFoundError";
    return {};
  }

  const std::filesystem::path folder_ = fresh_folder();
};

TEST_F(CodecFolder, IsNamedWhenTheModuleIsNotThere) {
  EXPECT_NE(message().find("lrcn_opencv_codecs.so, not found in " + folder_.string()),
            std::string::npos);
}

TEST_F(CodecFolder, IsNamedWhenTheModuleIsNoLibrary) {
  std::ofstream(folder_ / "lrcn_opencv_codecs.so") << "no library";
  EXPECT_NE(message().find("open the module " + folder_.string()), std::string::npos);
}

TEST_F(CodecFolder, IsNotNeededForJpegAndPng) {
  EXPECT_EQ(read_image(sample("420.jpg"), {.codec_folder = folder_}).width, 23);
  EXPECT_EQ(read_image(sample("rgb.png"), {.codec_folder = folder_}).width, 23);
}

TEST_F(CodecFolder, MayBeChosen) {
  if (!have_codecs()) {
    GTEST_SKIP() << kNeedsCodecs;
  }
  std::filesystem::create_symlink(find_codec_module(), folder_ / "lrcn_opencv_codecs.so");
  EXPECT_EQ(read_image(sample("rgb.bmp"), {.codec_folder = folder_}).pixels,
            pattern(23, 17).pixels);
}

TEST(Codecs, RefuseAPictureThatIsDamagedInside) {
  if (!have_codecs()) {
    GTEST_SKIP() << kNeedsCodecs;
  }
  auto bytes = file_bytes(sample("lossless.webp"));
  std::fill(bytes.begin() + 26, bytes.begin() + 120, std::byte{0xff});
  EXPECT_NE(refusal(bytes).find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace lrcn::test
