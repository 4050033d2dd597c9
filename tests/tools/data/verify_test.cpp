#include "tools/data/verify.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/test_data.h"
#include "tools/data/png_encode.h"
#include "tools/data/shapes.h"
#include "tools/data/verify_checksum.h"

namespace lrcn::test {
namespace {

std::string sha256(const std::string& text) { return sha256_of(std::as_bytes(std::span(text))); }

std::string shapes_picture(std::uint64_t index) {
  return encode_png(render(draw_scene(1, index), 1, index));
}

// Names of the good ones.
std::vector<std::string> names_of(const PictureFindings& findings) {
  std::vector<std::string> names;
  for (const PictureFacts& picture : findings.good) {
    names.push_back(picture.name);
  }
  return names;
}

CaptionSet set_of(const std::vector<std::vector<std::string>>& captions) {
  CaptionSet set;
  for (const auto& each : captions) {
    const auto id = std::int64_t(set.items.size());
    set.items.push_back({.file_name = "p" + std::to_string(id),
                         .path = {},
                         .image_id = id,
                         .split = "all",
                         .captions = each});
  }
  return set;
}

// FIPS 180-4 and the examples that NIST publishes with it.
TEST(Sha256, GivesThePublishedValues) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Verify, FindsBytesChecksumAndSizeOfAPicture) {
  const TemporaryFolder folder;
  const std::string content = shapes_picture(3);
  write_file_atomically(folder / "a.png", content);
  const std::vector<PictureFile> files = {{"a.png", folder / "a.png"}};
  const PictureFindings found = verify_pictures(files, 1);
  ASSERT_EQ(found.good.size(), 1u);
  EXPECT_TRUE(found.bad.empty());
  EXPECT_EQ(found.good[0], (PictureFacts{"a.png", std::int64_t(content.size()), sha256(content),
                                         kShapesSide, kShapesSide}));
}

TEST(Verify, KeepsTheOrderWhateverTheNumberOfThreads) {
  const TemporaryFolder folder;
  std::vector<PictureFile> files;
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i) + ".png";
    write_file_atomically(folder / name, i % 7 == 3 ? "no picture" : shapes_picture(i));
    files.push_back({name, folder / name});
    if (i % 7 != 3) {
      expected.push_back(name);
    }
  }
  for (const int threads : {1, 2, 5, 64}) {
    std::size_t told = 0;
    const PictureFindings found = verify_pictures(files, threads, [&](std::size_t done) {
      EXPECT_GE(done, told);
      told = done;
    });
    EXPECT_EQ(names_of(found), expected) << threads;
    EXPECT_EQ(found.bad.size(), 6u);
    EXPECT_EQ(told, files.size());
  }
}

TEST(Verify, TellsWhatIsWrongWithAPicture) {
  const TemporaryFolder folder;
  const std::string whole = shapes_picture(1);
  write_file_atomically(folder / "cut.png", whole.substr(0, whole.size() - 20));
  write_file_atomically(folder / "empty.png", "");
  const std::vector<PictureFile> files = {{"absent.png", folder / "absent.png"},
                                          {"cut.png", folder / "cut.png"},
                                          {"empty.png", folder / "empty.png"},
                                          {"folder.png", folder.path()}};
  const PictureFindings found = verify_pictures(files, 2);
  EXPECT_TRUE(found.good.empty());
  ASSERT_EQ(found.bad.size(), files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_EQ(found.bad[i].name, files[i].name);
    EXPECT_NE(found.bad[i].reason.find(files[i].name), std::string::npos) << found.bad[i].reason;
  }
}

TEST(Verify, TakesAnEmptySet) {
  const PictureFindings found = verify_pictures({}, 4);
  EXPECT_TRUE(found.good.empty() && found.bad.empty());
  EXPECT_THROW(verify_pictures({}, 0), ArgumentError);
}

TEST(Verify, FindsIdenticalPictures) {
  const std::vector<PictureFacts> pictures = {{"a", 1, "x", 1, 1},
                                              {"b", 1, "y", 1, 1},
                                              {"c", 1, "x", 1, 1},
                                              {"d", 1, "z", 1, 1},
                                              {"e", 1, "x", 1, 1}};
  EXPECT_EQ(identical_pictures(pictures), (std::vector<std::vector<std::string>>{{"a", "c", "e"}}));
}

TEST(Verify, CountsCaptionsAndWords) {
  const CaptionFindings found = verify_captions(
      set_of({{"A dog runs.", "a dog"}, {}, {"the dog sleeps on a mat", "...", "a dog"}}));
  EXPECT_EQ(found.pictures, 3);
  EXPECT_EQ(found.undescribed, 1);
  EXPECT_EQ(found.captions, 5);
  EXPECT_EQ(found.words, 3 + 2 + 6 + 2 + (found.bad.empty() ? 1 : 0));
  EXPECT_EQ(found.lengths.at(2), 2);
  EXPECT_EQ(found.lengths.at(6), 1);
  EXPECT_EQ(found.frequent_words, 0);
}

TEST(Verify, NamesCaptionsWithoutWords) {
  const CaptionFindings found = verify_captions(set_of({{"a cat"}, {"."}}));
  ASSERT_EQ(found.bad.size(), 1u);
  EXPECT_TRUE(found.bad[0].starts_with("p1")) << found.bad[0];
  EXPECT_EQ(found.words, 2);
  EXPECT_EQ(found.vocabulary, 2);
}

TEST(Verify, GivesPercentilesOfLengths) {
  CaptionFindings found;
  EXPECT_EQ(length_percentile(found, 0.5), 0);
  found.lengths = {{2, 1}, {5, 2}, {9, 1}};
  EXPECT_EQ(length_percentile(found, 0.0), 2);
  EXPECT_EQ(length_percentile(found, 0.5), 5);
  EXPECT_EQ(length_percentile(found, 0.75), 5);
  EXPECT_EQ(length_percentile(found, 0.76), 9);
  EXPECT_EQ(length_percentile(found, 1.0), 9);
}

}  // namespace
}  // namespace lrcn::test
