#include <gtest/gtest.h>

#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/run_lrcn.h"
#include "tests/tools/cli/small_model.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

// Two pictures with captions, one of them right, and a run with curves.
class EvalReport : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(run_);
    write_small_picture(folder_ / "a.png", 1);
    write_small_picture(folder_ / "b.png", 2);
    write_file_atomically(folder_ / "refs.json", R"({
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}],
        "annotations": [{"image_id": 1, "caption": "a red square"},
                        {"image_id": 2, "caption": "a blue circle"}]})");
    write_file_atomically(folder_ / "results.json",
                          R"([{"image_id": 1, "caption": "a red square"},
                              {"image_id": 2, "caption": "a green <circle>"}])");
    write_file_atomically(run_ / "metrics.jsonl",
                          R"({"kind":"train","step":1,"epoch":0,"loss":1.5,"lr":0.1,)"
                          R"("examples_per_second":20.0})"
                          "\n");
    write_file_atomically(run_ / "config.toml", "task = \"caption\"\n");
  }

  RunResult report(std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {"eval", "report", "--run", run_, "--references",
                                 folder_ / "refs.json", "--results", folder_ / "results.json",
                                 "--images", folder_.path(), "--output", page_});
    return run_lrcn(flags);
  }

  TemporaryFolder folder_;
  fs::path run_ = folder_ / "run";
  fs::path page_ = folder_ / "page.html";
};

TEST_F(EvalReport, WritesAPage) {
  const RunResult result = report({"--title", "Two pictures"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  const std::string html = read_file(page_);
  for (const char* part : {"<title>Two pictures</title>", "a green &lt;circle&gt;", "1 of 2 are",
                           "50.0 %", "picture right", "picture wrong", "data:image/png;base64,",
                           "task = &quot;caption&quot;", "<td>20.0</td>", "</html>"}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
}

TEST_F(EvalReport, DescribesTheModelOfTheRun) {
  write_small_model(run_ / "best");
  ASSERT_EQ(report().code, 0);
  const std::string html = read_file(page_);
  EXPECT_NE(html.find("vgg_mini"), std::string::npos);
  EXPECT_NE(html.find("Parameters"), std::string::npos);
}

TEST_F(EvalReport, ShowsAtMostAsManyPicturesAsAsked) {
  ASSERT_EQ(report({"--pictures", "1"}).code, 0);
  const std::string html = read_file(page_);
  EXPECT_NE(html.find("1 of 2 pictures"), std::string::npos);
  ASSERT_EQ(report({"--pictures", "0"}).code, 0);
  EXPECT_EQ(read_file(page_).find("<figure class=\"picture"), std::string::npos);
}

TEST_F(EvalReport, FailsOrGoesOnWhenAPictureIsBad) {
  write_file_atomically(folder_ / "b.png", "");
  const RunResult failed = report();
  EXPECT_EQ(failed.code, 65);
  EXPECT_NE(failed.err.find("b.png"), std::string::npos) << failed.err;
  EXPECT_FALSE(fs::exists(page_));
  EXPECT_EQ(report({"--on-bad", "skip"}).code, 0);
  EXPECT_NE(read_file(page_).find("not shown"), std::string::npos);
}

TEST_F(EvalReport, RefusesWhatIsMissing) {
  EXPECT_EQ(run_lrcn({"eval", "report"}).code, 2);
  EXPECT_EQ(report({"--pictures", "-1"}).code, 2);
  fs::remove(run_ / "metrics.jsonl");
  EXPECT_EQ(report().code, 66);
  fs::remove_all(run_);
  EXPECT_EQ(report().code, 66);
  page_ = folder_ / "absent" / "page.html";
  EXPECT_EQ(report().code, 74);
}

}  // namespace
}  // namespace lrcn::test
