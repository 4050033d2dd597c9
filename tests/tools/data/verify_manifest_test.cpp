#include "tools/data/verify_manifest.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

const std::string kOne(64, '1');
const std::string kTwo(64, '2');

std::vector<PictureFacts> two_pictures() {
  return {{"train/a \"quoted\".png", 17, kOne, 640, 480}, {"b.jpg", 99, kTwo, 1, 2}};
}

TEST(Manifest, IsTheSameAfterWritingAndReading) {
  const TemporaryFolder folder;
  write_manifest(folder / "manifest.json", two_pictures());
  EXPECT_EQ(read_manifest(folder / "manifest.json"), two_pictures());
  write_manifest(folder / "manifest.json", {});
  EXPECT_TRUE(read_manifest(folder / "manifest.json").empty());
}

TEST(Manifest, RefusesNamesThatJsonCannotHold) {
  const TemporaryFolder folder;
  const std::vector<PictureFacts> pictures = {{"\xff.png", 1, kOne, 1, 1}};
  EXPECT_THROW(write_manifest(folder / "manifest.json", pictures), DataError);
  EXPECT_TRUE(folder.names().empty());
}

TEST(Manifest, RefusesFilesThatAreNone) {
  const TemporaryFolder folder;
  const auto path = folder / "manifest.json";
  EXPECT_THROW(read_manifest(path), NotFoundError);
  write_manifest(path, two_pictures());
  const std::string whole = read_file(path);
  for (std::size_t length = 0; length + 2 < whole.size(); length += 7) {
    write_file_atomically(path, whole.substr(0, length));
    EXPECT_THROW(read_manifest(path), DataError) << length;
  }
  struct Case {
    std::string from, to, part;
  };
  for (const Case& each :
       std::vector<Case>{{"\"format\":1", "\"format\":2", "format 1"},
                         {"\"format\":1", "\"format\":1,\"format\":1", "format"},
                         {"\"bytes\":17", "\"bytes\":-1", "pictures[0].bytes"},
                         {"\"bytes\":17", "\"bytes\":99999999999999999999", "bytes"},
                         {"\"width\":640", "\"width\":0", "pictures[0].width"},
                         {"\"height\":480", "\"height\":\"480\"", "pictures[0].height"},
                         {kOne, kOne.substr(1), "pictures[0].sha256"},
                         {kOne, "G" + kOne.substr(1), "pictures[0].sha256"},
                         {"train/a \\\"quoted\\\".png", "b.jpg", "pictures[1].file"}}) {
    std::string changed = whole;
    changed.replace(changed.find(each.from), each.from.size(), each.to);
    write_file_atomically(path, changed);
    EXPECT_TRUE(throws_with<DataError>(each.part, [&] { read_manifest(path); })) << changed;
  }
}

TEST(Manifest, FindsNoDifferenceInTheSamePictures) {
  EXPECT_TRUE(compare_with_manifest(two_pictures(), {two_pictures(), {}}).empty());
}

TEST(Manifest, FindsEveryKindOfDifference) {
  const std::vector<PictureFacts> manifest = {{"size", 1, kOne, 2, 3},
                                              {"gone", 1, kOne, 2, 3},
                                              {"content", 1, kOne, 2, 3},
                                              {"damaged", 1, kOne, 2, 3},
                                              {"same", 1, kOne, 2, 3}};
  PictureFindings found;
  found.good = {{"size", 2, kTwo, 2, 3},
                {"content", 1, kTwo, 2, 3},
                {"same", 1, kOne, 2, 3},
                {"surplus", 1, kOne, 2, 3}};
  found.bad = {{"damaged", "damaged: cut off"}, {"more", "more: empty"}};
  const std::vector<std::string> differences = compare_with_manifest(manifest, found);
  ASSERT_EQ(differences.size(), 6u);
  EXPECT_EQ(differences[0], "size: 2 bytes, the manifest says 1");
  EXPECT_TRUE(differences[1].starts_with("gone: "));
  EXPECT_TRUE(differences[2].starts_with("content: other content"));
  EXPECT_EQ(differences[3], "damaged: cut off");
  EXPECT_TRUE(differences[4].starts_with("surplus: "));
  EXPECT_TRUE(differences[5].starts_with("more: empty"));
}

}  // namespace
}  // namespace lrcn::test
