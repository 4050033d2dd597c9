#include "tools/data/caption_set.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/tools/data/temporary_file.h"

namespace lrcn::test {
namespace {

CaptionSet::Item item(const std::filesystem::path& path, std::string split) {
  return {.file_name = path.filename(),
          .path = path,
          .image_id = 0,
          .split = std::move(split),
          .captions = {}};
}

TEST(CaptionSet, SelectsASplit) {
  const CaptionSet set{{item("a.jpg", "train"), item("b.jpg", "val"), item("c.jpg", "train")}};
  const CaptionSet train = select_split(set, "train");
  ASSERT_EQ(train.items.size(), 2u);
  EXPECT_EQ(train.items[1].file_name, "c.jpg");
  EXPECT_TRUE(select_split(set, "test").items.empty());
}

TEST(CaptionSet, NamesAllMissingFiles) {
  const auto folder = fresh_folder();
  write_text(folder / "a.jpg", "x");
  std::filesystem::create_directory(folder / "d.jpg");
  CaptionSet set{{item(folder / "a.jpg", "train")}};
  EXPECT_NO_THROW(check_files_exist(set));
  for (const char* name : {"b.jpg", "c.jpg", "d.jpg"}) {
    set.items.push_back(item(folder / name, "train"));
  }
  EXPECT_EQ(message_of<NotFoundError>([&] { check_files_exist(set); }),
            "captions: 3 of 4 pictures are not there:\n  " + (folder / "b.jpg").string() + "\n  " +
                (folder / "c.jpg").string() + "\n  " + (folder / "d.jpg").string());
}

TEST(CaptionSet, CountsMissingFilesThatItDoesNotName) {
  const auto folder = fresh_folder();
  CaptionSet set;
  for (int i = 0; i < 73; ++i) {
    set.items.push_back(item(folder / std::to_string(i), "train"));
  }
  const std::string message = message_of<NotFoundError>([&] { check_files_exist(set); });
  EXPECT_TRUE(message.starts_with("captions: 73 of 73 pictures"));
  EXPECT_TRUE(message.ends_with("/49\n  and 23 more"));
}

TEST(CaptionSet, KnowsPathsThatLeaveAFolder) {
  for (const char* name : {"a.jpg", "val2014/a.jpg", "a/b/c.jpg", "..a.jpg", "a..jpg"}) {
    EXPECT_TRUE(stays_inside(name)) << name;
  }
  for (const char* name : {"", "/a.jpg", "../a.jpg", "a/../../b.jpg", "a/..", "..", "a/"}) {
    EXPECT_FALSE(stays_inside(name)) << name;
  }
  EXPECT_FALSE(stays_inside(std::string_view("a\0.jpg", 6)));
}

TEST(CaptionSet, StripsBlanksAtTheEndsAlone) {
  EXPECT_EQ(strip_blanks(" \n a\n dog \t\r\n"), "a\n dog");
  EXPECT_EQ(strip_blanks("\xc2\xa0\xc3\xa9\xe3\x80\x80"), "\xc3\xa9");
  EXPECT_EQ(strip_blanks(" \n"), "");
  EXPECT_EQ(strip_blanks(""), "");
  EXPECT_THROW(strip_blanks("a\xff"), DataError);
}

}  // namespace
}  // namespace lrcn::test
