// How `lrcn caption` fails: message, exit code, and nothing half written.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "core/io/file.h"
#include "core/io/json.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tests/tools/cli/small_model.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

class CaptionFailure : public testing::Test {
 protected:
  void SetUp() override {
    write_small_model(model_);
    write_small_picture(good_, 0);
    const std::string whole = read_file(good_);
    write_file_atomically(folder_ / "cut.png", whole.substr(0, whole.size() / 2));
    write_file_atomically(folder_ / "empty.png", "");
    write_file_atomically(folder_ / "text.png", "no picture at all");
  }

  RunResult caption(std::vector<std::string> arguments, const RunOptions& options = {}) const {
    arguments.insert(arguments.begin(), {"caption", "--model", model_.string()});
    return run_lrcn(arguments, options);
  }

  TemporaryFolder folder_;
  fs::path model_ = folder_ / "model";
  fs::path good_ = folder_ / "good.png";
};

TEST_F(CaptionFailure, NamesAPictureThatIsNotThere) {
  const RunResult result = caption({folder_ / "absent.png"});
  EXPECT_EQ(result.code, 66);
  EXPECT_NE(result.err.find("absent.png"), std::string::npos) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_F(CaptionFailure, NamesAPictureThatIsDamaged) {
  for (const char* name : {"cut.png", "empty.png", "text.png"}) {
    const RunResult result = caption({"--json", folder_ / name});
    EXPECT_EQ(result.code, 65) << name << result.err;
    EXPECT_NE(result.err.find(name), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "") << name;
  }
}

TEST_F(CaptionFailure, SkipsBadPicturesWhenAsked) {
  const RunResult result = caption({"--on-bad", "skip", "--json", folder_ / "cut.png", good_,
                                    folder_ / "absent.png", folder_ / "empty.png", good_});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json json = Json::parse(result.out);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0].at("file").as_string(), good_.string());
  for (const char* name : {"cut.png", "absent.png", "empty.png"}) {
    EXPECT_NE(result.err.find(name), std::string::npos) << name;
  }
  EXPECT_NE(result.err.find("left out 3"), std::string::npos) << result.err;
}

TEST_F(CaptionFailure, RefusesWhenNoPictureIsLeft) {
  const RunResult result = caption({"--on-bad", "skip", "--json", folder_ / "cut.png"});
  EXPECT_EQ(result.code, 65);
  EXPECT_EQ(result.out, "");
}

TEST_F(CaptionFailure, LeavesTheOldFileWhenItFails) {
  const fs::path file = folder_ / "captions.txt";
  write_file_atomically(file, "old");
  const RunResult result =
      caption({"--batch", "1", "--output", file, good_, good_, folder_ / "cut.png"});
  EXPECT_EQ(result.code, 65);
  EXPECT_EQ(read_file(file), "old");
  for (const std::string& name : folder_.names()) {
    EXPECT_FALSE(name.ends_with(".tmp")) << name;
  }
}

TEST_F(CaptionFailure, ReportsAFolderWithoutPictures) {
  fs::create_directory(folder_ / "nothing");
  write_file_atomically(folder_ / "nothing" / "notes.txt", "BMP pictures are not here");
  const RunResult result = caption({folder_ / "nothing"});
  EXPECT_EQ(result.code, 66);
  EXPECT_NE(result.err.find("nothing"), std::string::npos) << result.err;
}

TEST_F(CaptionFailure, ReportsAnAbsentList) {
  const RunResult result = caption({"@" + (folder_ / "list.txt").string()});
  EXPECT_EQ(result.code, 66);
  EXPECT_NE(result.err.find("list.txt"), std::string::npos) << result.err;
}

TEST_F(CaptionFailure, DoesNotWaitForAListWhenAPictureIsBad) {
  RunOptions options;
  options.input = (folder_ / "cut.png").string() + '\n';
  options.input_stays_open = true;
  EXPECT_EQ(caption({"--batch", "1", "-"}, options).code, 65);
}

TEST_F(CaptionFailure, LeavesNothingBehindWhenItIsStopped) {
  RunOptions options;
  options.input = good_.string() + '\n';
  options.input_stays_open = true;
  options.signal = SIGTERM;
  const RunResult result = caption({"--output", folder_ / "captions.txt", "-"}, options);
  EXPECT_EQ(result.code, 75) << result.err;
  for (const std::string& name : folder_.names()) {
    EXPECT_EQ(name.find("captions.txt"), std::string::npos) << name;
  }
}

TEST_F(CaptionFailure, JsonCannotHoldANameThatIsNotUtf8) {
  const fs::path odd = folder_ / "odd\xff.png";
  fs::copy_file(good_, odd);
  EXPECT_EQ(caption({odd}).code, 0);
  const RunResult json = caption({"--json", odd});
  EXPECT_EQ(json.code, 65);
  EXPECT_NE(json.err.find("UTF-8"), std::string::npos) << json.err;
  EXPECT_EQ(caption({"--json", "--on-bad", "skip", good_, odd}).code, 0);
}

TEST_F(CaptionFailure, ReportsAFullDisk) {
  RunOptions options;
  options.out = RunOptions::Out::full_disk;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{good_}, {"--json", good_}, {"--help"}}) {
    const RunResult result = caption(arguments, options);
    EXPECT_EQ(result.code, 74) << arguments.front() << result.err;
  }
  EXPECT_EQ(caption({"--output", "/dev/full", good_}).code, 74);
}

TEST_F(CaptionFailure, ReportsAClosedPipe) {
  RunOptions options;
  for (const auto out : {RunOptions::Out::closed_pipe, RunOptions::Out::closed}) {
    options.out = out;
    const RunResult result = caption({good_}, options);
    EXPECT_EQ(result.signal, 0);
    EXPECT_EQ(result.code, 74) << result.err;
  }
}

TEST_F(CaptionFailure, ReportsAFolderThatCannotBeWrittenTo) {
  EXPECT_EQ(caption({"--output", folder_ / "absent" / "captions.txt", good_}).code, 74);
  if (::geteuid() == 0) {
    GTEST_SKIP() << "the superuser may write everywhere";
  }
  fs::create_directory(folder_ / "closed");
  fs::permissions(folder_ / "closed", fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(caption({"--output", folder_ / "closed" / "captions.txt", good_}).code, 74);
}

TEST_F(CaptionFailure, ReportsAPictureThatMayNotBeRead) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "the superuser may read everything";
  }
  fs::permissions(good_, fs::perms::none);
  EXPECT_EQ(caption({good_}).code, 66);
}

TEST_F(CaptionFailure, RefusesDevicesThatAreNotThere) {
  EXPECT_EQ(caption({"--device", "gpu", good_}).code, 2);
  const RunResult result = caption({"--device", "cuda:93", good_});
  EXPECT_EQ(result.code, 70);
  EXPECT_NE(result.err.find("cuda:93"), std::string::npos) << result.err;
}

TEST_F(CaptionFailure, RefusesAPrecisionThatTheDeviceDoesNotOffer) {
  EXPECT_EQ(caption({"--precision", "f16", good_}).code, 2);
  const RunResult result = caption({"--precision", "bf16", good_});
  EXPECT_EQ(result.code, 2);
  EXPECT_NE(result.err.find("--device cuda"), std::string::npos) << result.err;
}

TEST_F(CaptionFailure, RefusesFlagsThatMakeNoSense) {
  struct Case {
    std::vector<std::string> flags;
    const char* part;
  };
  const std::string picture = good_.string();
  for (const Case& each :
       std::vector<Case>{{{"--beem", "2", picture}, "--beam"},
                         {{"--beam", "0", picture}, "--beam"},
                         {{"--beam", "many", picture}, "--beam"},
                         {{"--beam", "99999999999999999999", picture}, "--beam"},
                         {{"--beam", "2", "--sample", picture}, "--sample"},
                         {{"--temperature", "2", picture}, "--sample"},
                         {{"--sample", "--temperature", "0", picture}, "--temperature"},
                         {{"--sample", "--temperature", "nan", picture}, "--temperature"},
                         {{"--seed", "1", picture}, "--sample"},
                         {{"--samples", "0", picture}, "--samples"},
                         {{"--max-words", "0", picture}, "--max-words"},
                         {{"--batch", "0", picture}, "--batch"},
                         {{"--threads", "-1", picture}, "--threads"},
                         {{"--on-bad", "ignore", picture}, "skip"},
                         {{"--results", "r.json", picture}, "--coco"},
                         {{"--images", "i", picture}, "--coco"},
                         {{"--coco", "c.json"}, "--images"},
                         {{"--coco", "c.json", "--images", "i", picture}, "PATH"},
                         {{}, "PATH"}}) {
    const RunResult result = caption(each.flags);
    EXPECT_EQ(result.code, 2) << each.part << result.err;
    EXPECT_NE(result.err.find(each.part), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(run_lrcn({"caption", picture}).code, 2);
}

}  // namespace
}  // namespace lrcn::test
