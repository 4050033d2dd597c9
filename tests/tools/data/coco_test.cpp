#include "tools/data/coco.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <unordered_map>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/test_data.h"
#include "tests/tools/data/temporary_file.h"

namespace lrcn::test {
namespace {

CaptionSet read(std::string_view text) {
  return read_coco({.captions = write_text(fresh_folder() / "captions.json", text),
                    .image_folder = "pictures",
                    .split = "val"});
}

std::string refusal(std::string_view images, std::string_view annotations) {
  const std::string text = "{\"images\": [" + std::string(images) + "], \"annotations\": [" +
                           std::string(annotations) + "]}";
  const std::string message = message_of<DataError>([&] { read(text); });
  const auto at = message.find("captions.json: ");
  return at == message.npos ? message : message.substr(at + 15);
}

constexpr std::string_view kImage = R"({"id": 1, "file_name": "a.jpg"})";

TEST(Coco, ReadsImagesAndTheirCaptions) {
  const CaptionSet set = read(R"({
      "info": {}, "images": [{"id": 9, "file_name": "b.jpg", "height": 3}, {"id": 1, "file_name": "x/a.jpg"}],
      "annotations": [{"id": 5, "image_id": 1, "caption": " A dog.\n"}, {"image_id": 9, "caption": "B"},
                      {"id": 4, "image_id": 1, "caption": "Two\nlines"}]})");
  ASSERT_EQ(set.items.size(), 2u);
  EXPECT_EQ(set.items[0].image_id, 9);
  EXPECT_EQ(set.items[0].captions, (std::vector<std::string>{"B"}));
  EXPECT_EQ(set.items[1].file_name, "x/a.jpg");
  EXPECT_EQ(set.items[1].path, "pictures/x/a.jpg");
  EXPECT_EQ(set.items[1].split, "val");
  EXPECT_EQ(set.items[1].captions, (std::vector<std::string>{"A dog.", "Two\nlines"}));
}

TEST(Coco, ReadsImagesThatNobodyHasDescribed) {
  const CaptionSet set =
      read(R"({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": []})");
  ASSERT_EQ(set.items.size(), 1u);
  EXPECT_TRUE(set.items[0].captions.empty());
}

TEST(Coco, RefusesWrongImages) {
  EXPECT_EQ(refusal(R"({"id": 1, "file_name": "a.jpg"}, {"id": 1, "file_name": "b.jpg"})", ""),
            "images[1].id: the image id 1 is there already");
  EXPECT_EQ(refusal(R"({"id": 1, "file_name": "../a.jpg"})", ""),
            "images[0].file_name: expected a file inside of the image folder, got \"../a.jpg\"");
  for (const char* image :
       {R"({"id": -1, "file_name": "a.jpg"})", R"({"id": 1.0, "file_name": "a.jpg"})",
        R"({"id": "1", "file_name": "a.jpg"})", R"({"id": null, "file_name": "a.jpg"})",
        R"({"id": 18446744073709551616, "file_name": "a.jpg"})", R"({"file_name": "a.jpg"})",
        R"({"id": 1})", R"({"id": 1, "file_name": 7})", R"({"id": 1, "file_name": ""})",
        R"({"id": 1, "file_name": "/etc/a.jpg"})", R"({"id": 1, "id": 2, "file_name": "a.jpg"})",
        "7", "[]"}) {
    EXPECT_NE(refusal(image, ""), "no error") << image;
  }
}

TEST(Coco, RefusesWrongAnnotations) {
  EXPECT_EQ(refusal(kImage, R"({"image_id": 2, "caption": "A"})"),
            "annotations[0].image_id: expected an id of \"images\", got 2");
  EXPECT_EQ(refusal(kImage, R"({"image_id": 1, "caption": " \n "})").find("annotations[0].caption"),
            0u);
  EXPECT_EQ(refusal(kImage, R"({"id": 3, "image_id": 1, "caption": "A"},
                               {"id": 3, "image_id": 1, "caption": "B"})"),
            "annotations[1].id: the annotation id 3 is there already");
  for (const char* annotation :
       {R"({"image_id": 1, "caption": ""})", R"({"image_id": 1})", R"({"caption": "A"})",
        R"({"image_id": "1", "caption": "A"})", R"({"image_id": 1, "caption": 5})",
        R"({"image_id": 1, "caption": null})", R"({"id": "x", "image_id": 1, "caption": "A"})",
        R"({"image_id": 99999999999999999999, "caption": "A"})",
        "{\"image_id\": 1, \"caption\": \"A \xff\"}",
        R"({"image_id": 1, "caption": "A", "caption": "B"})"}) {
    EXPECT_NE(refusal(kImage, annotation), "no error") << annotation;
  }
}

TEST(Coco, RefusesFilesThatAreNoCaptions) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"images": []})", R"({"annotations": []})",
        R"({"images": {}, "annotations": []})", R"({"images": [], "annotations": []} x)"}) {
    EXPECT_THROW(read(text), DataError) << text;
  }
  EXPECT_THROW(read_coco({.captions = fresh_folder() / "absent", .image_folder = {}, .split = {}}),
               NotFoundError);
}

TEST(Coco, RefusesAFileCutAnywhere) {
  const auto path = test_data("photos/captions_coco.json");
  LRCN_SKIP_WITHOUT(path);
  const std::string text = read_file(path);
  ASSERT_EQ(read(text).items.size(), 29u);
  const std::size_t end = text.find_last_of('}');
  for (std::size_t length = 0; length <= end; length += 97) {
    EXPECT_THROW(read(text.substr(0, length)), DataError) << length;
  }
  EXPECT_THROW(read(text.substr(0, end)), DataError);
}

TEST(Coco, ReadsTheSubsetWithItsTraps) {
  const auto path = test_data("captions/coco_val2014_subset.json");
  LRCN_SKIP_WITHOUT(path);
  const CaptionSet set = read_coco({.captions = path, .image_folder = "val2014", .split = "val"});
  ASSERT_EQ(set.items.size(), 1870u);
  EXPECT_EQ(set.items[0].image_id, 42);
  EXPECT_EQ(set.items[0].path, "val2014/COCO_val2014_000000000042.jpg");

  // The counts of the data's README: lower case, without ASCII punctuation, split at blanks.
  std::unordered_map<std::string, int> counts;
  int words = 0;
  for (const CaptionSet::Item& item : set.items) {
    EXPECT_EQ(item.captions.size(), 5u);
    for (std::string caption : item.captions) {
      EXPECT_FALSE(std::isspace(static_cast<unsigned char>(caption.front())));
      EXPECT_FALSE(std::isspace(static_cast<unsigned char>(caption.back())));
      std::erase_if(caption, [](unsigned char c) { return std::ispunct(c) != 0; });
      std::ranges::transform(caption, caption.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      std::istringstream stream(caption);
      for (std::string word; stream >> word; ++words) {
        ++counts[word];
      }
    }
  }
  EXPECT_EQ(words, 97731);
  EXPECT_EQ(counts.size(), 4685u);
  EXPECT_EQ(counts["a"], 15583);
  EXPECT_EQ(std::ranges::count_if(counts, [](const auto& entry) { return entry.second >= 5; }),
            1371);
}

TEST(Coco, FindsThePicturesOfThePhotos) {
  const auto photos = test_data("photos");
  LRCN_SKIP_WITHOUT(photos);
  const CaptionSet set = read_coco(
      {.captions = photos / "captions_coco.json", .image_folder = photos, .split = "train"});
  EXPECT_EQ(set.items.size(), 29u);
  EXPECT_NO_THROW(check_files_exist(set));
}

}  // namespace
}  // namespace lrcn::test
