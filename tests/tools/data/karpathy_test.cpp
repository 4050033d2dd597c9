#include "tools/data/karpathy.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/test_data.h"
#include "tests/tools/data/temporary_file.h"

namespace lrcn::test {
namespace {

CaptionSet read(std::string_view images) {
  return read_karpathy(
      write_text(fresh_folder() / "dataset.json",
                 "{\"images\": [" + std::string(images) + "], \"dataset\": \"coco\"}"),
      "pictures");
}

std::string refusal(std::string_view images) {
  const std::string message = message_of<DataError>([&] { read(images); });
  const auto at = message.find("dataset.json: ");
  return at == message.npos ? message : message.substr(at + 14);
}

TEST(Karpathy, ReadsPicturesWithAndWithoutFolder) {
  const CaptionSet set = read(
      R"({"filepath": "val2014", "filename": "a.jpg", "imgid": 0, "cocoid": 391895, "split": "test",
          "sentids": [0], "sentences": [{"tokens": ["a"], "raw": " A man. ", "imgid": 0, "sentid": 0},
                                        {"raw": "Two\nmen"}]},
         {"filename": "b.jpg", "imgid": 1, "cocoid": 5, "split": "restval", "sentences": [{"raw": "B"}]})");
  ASSERT_EQ(set.items.size(), 2u);
  EXPECT_EQ(set.items[0].path, "pictures/val2014/a.jpg");
  EXPECT_EQ(set.items[0].file_name, "a.jpg");
  EXPECT_EQ(set.items[0].image_id, 391895);
  EXPECT_EQ(set.items[0].split, "test");
  EXPECT_EQ(set.items[0].captions, (std::vector<std::string>{"A man.", "Two\nmen"}));
  EXPECT_EQ(set.items[1].path, "pictures/b.jpg");
  EXPECT_EQ(set.items[1].split, "train");
}

TEST(Karpathy, UsesTheOwnNumbersOfSetsWithoutCocoIds) {
  const CaptionSet set = read(
      R"({"filename": "a.jpg", "imgid": 4, "split": "train", "sentences": [{"raw": "A"}]},
         {"filename": "b.jpg", "imgid": 3, "split": "val", "sentences": [{"raw": "B"}]})");
  EXPECT_EQ(set.items[0].image_id, 4);
  EXPECT_EQ(set.items[1].image_id, 3);
}

TEST(Karpathy, RefusesWrongImages) {
  const std::string good =
      R"({"filename": "a.jpg", "imgid": 0, "split": "train", "sentences": [{"raw": "A"}]})";
  EXPECT_EQ(refusal(good), "no error");
  EXPECT_EQ(refusal(good + "," + good), "images[1].imgid: the imgid 0 is there already");
  EXPECT_EQ(
      refusal(
          R"({"filename": "a.jpg", "imgid": 0, "cocoid": 7, "split": "val", "sentences": [{"raw": "A"}]},
             {"filename": "b.jpg", "imgid": 1, "cocoid": 7, "split": "val", "sentences": [{"raw": "A"}]})"),
      "images[1].cocoid: the cocoid 7 is there already");
  EXPECT_EQ(
      refusal(
          good +
          R"(,{"filename": "b.jpg", "imgid": 1, "cocoid": 7, "split": "val", "sentences": [{"raw": "A"}]})"),
      "images[1]: expected no cocoid, as in the images before");
  EXPECT_EQ(
      refusal(
          R"({"filename": "b.jpg", "imgid": 1, "cocoid": 7, "split": "val", "sentences": [{"raw": "A"}]},)" +
          good),
      "images[1]: expected a cocoid, as in the images before");

  // Each row changes one place of the good image.
  const std::pair<std::string, std::string> changes[] = {
      {R"("train")", R"("dev")"},
      {R"("train")", "1"},
      {R"("imgid": 0)", R"("imgid": -1)"},
      {R"("imgid": 0)", R"("imgid": "0")"},
      {R"("imgid": 0)", R"("imgid": 99999999999999999999)"},
      {R"("imgid": 0)", R"("imgid": 0, "imgid": 1)"},
      {R"("imgid": 0)", R"("imgid": 0, "cocoid": null)"},
      {R"("imgid": 0, )", ""},
      {R"("a.jpg")", R"("../a.jpg")"},
      {R"("a.jpg")", R"("")"},
      {R"("a.jpg")", "[]"},
      {R"("filename")", R"("filepath": "..", "filename")"},
      {R"("filename")", R"("filepath": "/etc", "filename")"},
      {R"("filename")", R"("name")"},
      {R"({"raw": "A"})", ""},
      {R"({"raw": "A"})", R"({"raw": " \n"})"},
      {R"({"raw": "A"})", R"({"raw": 5})"},
      {R"({"raw": "A"})", R"({"tokens": ["a"]})"},
      {R"({"raw": "A"})", "{\"raw\": \"A \xff\"}"},
      {R"([{"raw": "A"}])", R"({"raw": "A"})"},
      {R"("sentences")", R"("sentence")"},
  };
  for (const auto& [from, to] : changes) {
    std::string bad = good;
    ASSERT_NE(bad.find(from), bad.npos) << from;
    bad.replace(bad.find(from), from.size(), to);
    EXPECT_NE(refusal(bad), "no error") << bad;
  }
}

TEST(Karpathy, RefusesCutFilesAndReportsAbsentOnes) {
  const auto path = test_data("photos/dataset_karpathy.json");
  LRCN_SKIP_WITHOUT(path);
  const std::string text = read_file(path);
  const auto folder = fresh_folder();
  for (std::size_t length = 0; length < text.find_last_of('}'); length += 211) {
    const auto cut = write_text(folder / "cut.json", text.substr(0, length));
    EXPECT_THROW(read_karpathy(cut, "pictures"), DataError) << length;
  }
  EXPECT_THROW(read_karpathy(folder / "absent.json", "pictures"), NotFoundError);
}

TEST(Karpathy, ReadsThePhotosAndTheirSplits) {
  const auto photos = test_data("photos");
  LRCN_SKIP_WITHOUT(photos);
  // The files name the folder "photos" themselves.
  const CaptionSet set = read_karpathy(photos / "dataset_karpathy.json", photos.parent_path());
  EXPECT_EQ(select_split(set, "train").items.size(), 23u);
  EXPECT_EQ(select_split(set, "test").items.size(), 3u);
  const CaptionSet val = select_split(set, "val");
  ASSERT_EQ(val.items.size(), 3u);
  EXPECT_EQ(val.items[0].image_id, 6);
  EXPECT_EQ(val.items[2].image_id, 20);
  EXPECT_NO_THROW(check_files_exist(set));
  for (const CaptionSet::Item& item : set.items) {
    EXPECT_EQ(item.captions.size(), 5u);
  }
}

}  // namespace
}  // namespace lrcn::test
