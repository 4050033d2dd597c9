// `lrcn bench`: what it takes and prints; times are not looked at.
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/run_lrcn.h"

namespace lrcn::test {
namespace {

class Bench : public testing::Test {
 protected:
  RunResult bench(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "bench");
    return run_lrcn(arguments);
  }

  std::string list(const std::string& text) const {
    write_file_atomically(folder_ / "list.csv", text);
    return (folder_ / "list.csv").string();
  }

  TemporaryFolder folder_;
};

TEST_F(Bench, PrintsARowForEveryCaseAsJson) {
  const std::string shapes = list(
      "name,batch,channels,height,width,out_channels,kernel,stride,pad,groups\n"
      "tiny,1,16,8,8,16,3,1,1,1\n");
  const RunResult result =
      bench({"conv", "--shapes", shapes, "--provider", "direct", "--repeat", "1", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json rows = Json::parse(result.out);
  ASSERT_EQ(rows.size(), 3u);
  const char* directions[] = {"forward", "dx", "dw"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(rows[i].at("name").as_string(), "conv");
    EXPECT_EQ(rows[i].at("case").as_string(), "tiny");
    EXPECT_EQ(rows[i].at("direction").as_string(), directions[i]);
    EXPECT_EQ(rows[i].at("provider").as_string(), "direct");
    EXPECT_EQ(rows[i].at("runs").as_int(), 1);
    EXPECT_EQ(rows[i].at("device").as_string(), "cpu");
    for (const char* field : {"gflops", "gb_per_second", "percent_of_product", "percent_of_copy",
                              "percent_of_peak", "fma_peak_gflops"}) {
      EXPECT_GT(rows[i].at(field).as_double(), 0.0) << field;
    }
    EXPECT_FALSE(rows[i].has("note"));
  }
}

TEST_F(Bench, PrintsCsv) {
  const RunResult result =
      bench({"optimizer", "--case", "sgd", "--elements", "1000", "--repeat", "1", "--format=csv"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with("name,case,")) << result.out;
  EXPECT_NE(result.out.find("\noptimizer,sgd,,,"), std::string::npos) << result.out;
}

TEST_F(Bench, SaysThatTimesOfAnEmulatedDeviceMeanNothing) {
  if (LRCN_CUDA_EMULATED == 0) {
    GTEST_SKIP() << "needs a build with emulated CUDA";
  }
  const std::string shapes = list("rows,classes,ignored_percent\n8,33,50\n");
  const RunResult result = bench(
      {"loss", "--device", "cuda", "--shapes", shapes, "--repeat", "1", "--format", "markdown"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("cuda:0, f32"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nemulated: times mean nothing\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\n| loss | M8-V33-ignored50 |"), std::string::npos) << result.out;
}

TEST_F(Bench, ListsCasesByTheNameThatWasAskedFor) {
  EXPECT_EQ(bench({"caption-step", "--list"}).out, "caption-step frozen\ncaption-step unfrozen\n");
  EXPECT_EQ(bench({"train-step", "--list", "--case", "frozen"}).out, "train-step frozen\n");
  const std::string all = bench({"all", "--list"}).out;
  for (const char* line :
       {"vgg16 forward-b8\n", "conv vgg16-conv1_1 dx direct\n",
        "conv caffenet-conv5 dw automatic\n",
        "lstm T20-N100-I1000-H1000 forward+backward automatic\n", "loss M1280-V10000-ignored40 ",
        "optimizer adam\n", "caption-step frozen\n", "decode beam5-b64\n", "startup process\n"}) {
    EXPECT_NE(all.find(line), std::string::npos) << line;
  }
  const std::string lrcn = bench({"lstm", "--shapes", "lrcn", "--list"}).out;
  EXPECT_NE(lrcn.find("lstm T80-N128-I1024-H1024 forward automatic\n"), std::string::npos) << lrcn;
}

TEST_F(Bench, NamesWhatWasProbablyMeant) {
  struct Case {
    std::vector<std::string> arguments;
    const char* expected;
  };
  const std::vector<Case> cases = {
      {{"cnv"}, "there is no benchmark 'cnv'; did you mean conv?"},
      {{"train-stpe"}, "did you mean train-step?"},
      {{"lstm", "--case", "T20-N64-I512-H51"}, "did you mean T20-N64-I512-H512?"},
      {{"conv", "--provider", "winogard"},
       "there is no provider 'winogard'; did you mean winograd?"},
      {{"conv", "--direction", "forwrd"}, "there is no direction 'forwrd'; did you mean forward?"},
      {{"lstm", "--shapes", "lrnc"}, "got 'lrnc'; did you mean lrcn?"},
      {{"lstm", "--format", "markdwon"}, "did you mean markdown?"},
      {{"lstm", "--shape", "lrcn"}, "unknown flag --shape; did you mean --shapes?"},
      {{"all", "--shapes", "lrcn"}, "--shapes needs the name of one benchmark"},
      {{"decode", "--shapes", "lrcn"}, "decode takes no --shapes"},
      {{"optimizer", "--elements", "0"}, "--elements: expected 1 to"},
      {{"lstm", "--repeat", "0"}, "--repeat: expected 1 to"},
      {{"lstm", "--repeat", "9999999999"}, "--repeat: expected 1 to"},
      {{"lstm", "--threads", "-1"}, "--threads: expected 0 to"},
      {{"lstm", "--threads", "9999999999"}, "--threads: expected 0 to"},
      {{}, "NAME"}};
  for (const Case& each : cases) {
    const RunResult result = bench(each.arguments);
    EXPECT_EQ(result.code, 2) << each.expected;
    EXPECT_EQ(result.out, "") << each.expected;
    EXPECT_NE(result.err.find(each.expected), std::string::npos) << result.err;
  }
}

TEST_F(Bench, ReportsBadListsBeforeItMeasures) {
  const std::string bad = list("steps,batch,inputs,hidden\n20,64,512\n");
  const RunResult result = bench({"lstm", "--shapes", bad});
  EXPECT_EQ(result.code, 65);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find(bad + ":2: expected 4 fields"), std::string::npos) << result.err;
  EXPECT_EQ(bench({"lstm", "--shapes", (folder_ / "absent.csv").string()}).code, 66);
}

}  // namespace
}  // namespace lrcn::test
