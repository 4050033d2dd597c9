#include "tools/eval/caption_files.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/test_data.h"
#include "tests/tools/data/temporary_file.h"
#include "tools/data/karpathy.h"

namespace lrcn::test {
namespace {

std::string refusal(std::string_view text) {
  const auto path = write_text(fresh_folder() / "results.json", text);
  std::string message = message_of<DataError>([&] { read_results(path); });
  const auto at = message.find(path.string());
  return at == message.npos ? message : message.erase(at, path.string().size());
}

TEST(CaptionFiles, ReadResults) {
  const auto path = write_text(fresh_folder() / "results.json",
                               R"([{"image_id": 7, "caption": "a dog", "log_prob": -3.5},
                                   {"image_id": 9007199254740993, "caption": ""}])");
  EXPECT_EQ(read_results(path), (ResultCaptions{{7, "a dog"}, {9007199254740993, ""}}));
}

TEST(CaptionFiles, RefuseWrongResults) {
  EXPECT_EQ(refusal(R"([{"image_id": 7, "caption": "a"}, {"image_id": 7, "caption": "b"}])"),
            ": [1].image_id: the image 7 has a caption already");
  EXPECT_NE(refusal(R"({"image_id": 7, "caption": "a"})"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": "7", "caption": "a"}])"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": 7.5, "caption": "a"}])"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": -1, "caption": "a"}])"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": 99999999999999999999, "caption": "a"}])"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": 7}])"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": 7, "caption": ["a"]}])"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": 7, "image_id": 8, "caption": "a"}])"), "no error");
  EXPECT_NE(refusal("[{\"image_id\": 7, \"caption\": \"a \xff\"}]"), "no error");
  EXPECT_NE(refusal(R"([{"image_id": 7, "caption": "a"})"), "no error");
  EXPECT_NE(refusal(""), "no error");
}

TEST(CaptionFiles, ReportAnAbsentFile) {
  EXPECT_THROW(read_results(fresh_folder() / "absent.json"), NotFoundError);
  EXPECT_THROW(read_references(fresh_folder() / "absent.json"), NotFoundError);
}

TEST(CaptionFiles, ReadTheSameReferencesFromBothFormats) {
  const auto photos = test_data("photos");
  LRCN_SKIP_WITHOUT(photos);
  const ReferenceCaptions coco = read_references(photos / "captions_coco.json");
  EXPECT_EQ(coco.size(), 29u);
  EXPECT_EQ(coco.at(1).size(), 5u);
  EXPECT_EQ(coco, references_of(read_karpathy(photos / "dataset_karpathy.json", photos)));
}

TEST(CaptionFiles, LeaveOutImagesWithoutCaptions) {
  CaptionSet set;
  set.items.resize(2);
  set.items[0].image_id = 3;
  set.items[1].image_id = 4;
  set.items[1].captions = {"a dog"};
  EXPECT_EQ(references_of(set), (ReferenceCaptions{{4, {"a dog"}}}));
}

}  // namespace
}  // namespace lrcn::test
