// `lrcn data shapes` and `lrcn data verify`.
#include <gtest/gtest.h>

#include "core/io/file.h"
#include "core/io/json.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/test_data.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tests/tools/cli/small_model.h"
#include "tools/data/verify_manifest.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

class Data : public testing::Test {
 protected:
  // Draws six pictures.
  void draw(const fs::path& folder) const {
    const RunResult result =
        run_lrcn({"data", "shapes", folder, "--train", "3", "--val", "1", "--test", "2"});
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out, folder.string() + '\n');
  }

  RunResult verify(const fs::path& path, std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {"data", "verify", path.string()});
    return run_lrcn(flags);
  }

  TemporaryFolder folder_;
  fs::path set_ = folder_ / "set";
};

TEST_F(Data, ShapesPassVerification) {
  draw(set_);
  const RunResult result = verify(set_, {"--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json.at("pictures").as_int(), 6);
  EXPECT_EQ(json.at("bad_pictures").as_int(), 0);
  EXPECT_EQ(json.at("sizes").as_string(), "64x64");
  ASSERT_EQ(json.at("parts").size(), 3u);
  EXPECT_EQ(json.at("parts")[1].at("name").as_string(), "train");
  EXPECT_EQ(json.at("parts")[1].at("captions").as_int(), 15);
  EXPECT_EQ(json.at("shared").size(), 0u);
  const std::vector<PictureFacts> manifest = read_manifest(set_ / "manifest.json");
  ASSERT_EQ(manifest.size(), 6u);
  EXPECT_EQ(manifest[0].name, "test/000000.png");
  EXPECT_EQ(manifest[0].width, 64);
  EXPECT_EQ(manifest[0].bytes, std::int64_t(fs::file_size(set_ / "test/000000.png")));
}

TEST_F(Data, ShapesDependOnTheSeedAlone) {
  draw(set_);
  draw(folder_ / "again");
  ASSERT_EQ(verify(set_).code, 0);
  EXPECT_EQ(verify(folder_ / "again", {"--against", set_ / "manifest.json"}).code, 0);
  const fs::path other = folder_ / "other";
  ASSERT_EQ(run_lrcn({"data", "shapes", other, "--train", "3", "--val", "1", "--test", "2",
                      "--seed", "2"})
                .code,
            0);
  const RunResult different = verify(other, {"--against", set_ / "manifest.json"});
  EXPECT_EQ(different.code, 65);
  EXPECT_NE(different.err.find("train/000000.png"), std::string::npos) << different.err;
  EXPECT_FALSE(fs::exists(other / "manifest.json"));
}

TEST_F(Data, VerifyListsEverythingThatIsBad) {
  draw(set_);
  const fs::path cut = set_ / "train/000001.png";
  fs::resize_file(cut, fs::file_size(cut) / 2);
  fs::remove(set_ / "test/000000.png");
  const RunResult aborted = verify(set_);
  EXPECT_EQ(aborted.code, 65);
  EXPECT_FALSE(fs::exists(set_ / "manifest.json"));
  const RunResult skipped = verify(set_, {"--on-bad", "skip"});
  EXPECT_EQ(skipped.code, 0) << skipped.err;
  for (const RunResult& each : {aborted, skipped}) {
    EXPECT_NE(each.out.find("train/000001.png"), std::string::npos) << each.out;
    EXPECT_NE(each.out.find("test/000000.png"), std::string::npos) << each.out;
  }
  EXPECT_EQ(read_manifest(set_ / "manifest.json").size(), 4u);
}

TEST_F(Data, VerifyComparesWithAManifest) {
  draw(set_);
  ASSERT_EQ(verify(set_, {"--manifest", folder_ / "kept.json"}).code, 0);
  EXPECT_FALSE(fs::exists(set_ / "manifest.json"));
  EXPECT_EQ(verify(set_, {"--against", folder_ / "kept.json"}).code, 0);
  write_small_picture(set_ / "val/000000.png", 77);
  const RunResult changed = verify(set_, {"--against", folder_ / "kept.json"});
  EXPECT_EQ(changed.code, 65);
  EXPECT_NE(changed.err.find("val/000000.png"), std::string::npos) << changed.err;
  write_file_atomically(folder_ / "kept.json", "{\"format\":1,\"pictures\":[");
  EXPECT_EQ(verify(set_, {"--against", folder_ / "kept.json"}).code, 65);
  EXPECT_EQ(verify(set_, {"--against", folder_ / "absent.json"}).code, 66);
}

TEST_F(Data, VerifyFindsPicturesThatStandInSeveralParts) {
  draw(set_);
  fs::copy_file(set_ / "train/000000.png", set_ / "test/000001.png",
                fs::copy_options::overwrite_existing);
  const RunResult result = verify(set_, {"--json"});
  const Json shared = Json::parse(result.out).at("shared");
  ASSERT_EQ(shared.size(), 1u);
  EXPECT_EQ(shared[0][0].as_string(), "test/000001.png");
  EXPECT_EQ(shared[0][1].as_string(), "train/000000.png");
}

TEST_F(Data, VerifyTakesAFolderOfPictures) {
  fs::create_directories(set_ / "below");
  write_small_picture(set_ / "one.png", 1);
  write_small_picture(set_ / "below/two.png", 2);
  ASSERT_EQ(verify(set_).code, 0);
  const std::vector<PictureFacts> manifest = read_manifest(set_ / "manifest.json");
  ASSERT_EQ(manifest.size(), 2u);
  EXPECT_EQ(manifest[0].name, "below/two.png");
  write_file_atomically(set_ / "three.jpg", "");
  EXPECT_EQ(verify(set_).code, 65);
  fs::create_directories(folder_ / "nothing");
  EXPECT_EQ(verify(folder_ / "nothing").code, 66);
}

TEST_F(Data, VerifyTakesAFileOfCaptionsWithItsPictures) {
  draw(set_);
  const fs::path captions = set_ / "captions_test.json";
  EXPECT_EQ(verify(captions).code, 2);  // where are the pictures?
  const RunResult result = verify(captions, {"--images", set_});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read_manifest(set_ / "captions_test.manifest.json").size(), 2u);
  EXPECT_EQ(verify(set_, {"--images", set_}).code, 2);
}

TEST_F(Data, VerifyRefusesCaptionsThatCannotBeRead) {
  draw(set_);
  const fs::path captions = set_ / "captions_val.json";
  const std::string whole = read_file(captions);
  write_file_atomically(captions, whole.substr(0, whole.size() / 2));
  const RunResult result = verify(set_);
  EXPECT_EQ(result.code, 65);
  EXPECT_NE(result.err.find("captions_val.json"), std::string::npos) << result.err;
}

TEST_F(Data, VerifyReadsThePhotographs) {
  const fs::path photos = test_data("photos");
  LRCN_SKIP_WITHOUT(photos);
  const RunResult result =
      verify(photos / "dataset_karpathy.json",
             {"--images", photos.parent_path(), "--manifest", folder_ / "m.json", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json.at("pictures").as_int(), 29);
  std::int64_t captions = 0;
  for (const Json part : json.at("parts").elements()) {
    captions += part.at("captions").as_int();
  }
  EXPECT_EQ(captions, 145);
}

TEST_F(Data, RefusesFlagsThatMakeNoSense) {
  EXPECT_EQ(run_lrcn({"data"}).code, 2);
  EXPECT_EQ(run_lrcn({"data", "shape", set_}).code, 2);
  EXPECT_NE(run_lrcn({"data", "shape", set_}).err.find("shapes"), std::string::npos);
  EXPECT_EQ(run_lrcn({"data", "shapes"}).code, 2);
  EXPECT_EQ(run_lrcn({"data", "shapes", set_, "--train", "0"}).code, 2);
  EXPECT_EQ(run_lrcn({"data", "shapes", set_, "--seed", "-1"}).code, 2);
  EXPECT_EQ(run_lrcn({"data", "verify", set_, "--on-bad", "no"}).code, 2);
  EXPECT_EQ(run_lrcn({"data", "verify", set_, "--threads", "-1"}).code, 2);
  EXPECT_EQ(run_lrcn({"data", "verify", set_}).code, 66);
  EXPECT_FALSE(fs::exists(set_));
}

TEST_F(Data, ReportsAFolderThatCannotBeMade) {
  write_file_atomically(set_, "a file");
  EXPECT_EQ(run_lrcn({"data", "shapes", set_ / "below"}).code, 74);
}

}  // namespace
}  // namespace lrcn::test
