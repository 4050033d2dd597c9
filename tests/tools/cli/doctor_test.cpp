#include <gtest/gtest.h>

#include "core/io/json.h"
#include "tests/tools/cli/run_lrcn.h"

namespace lrcn::test {
namespace {

TEST(Doctor, DescribesBuildMachineAndLibraries) {
  const RunResult result = run_lrcn({"doctor", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Json json = Json::parse(result.out);
  const RunResult version = run_lrcn({"--version"});
  EXPECT_EQ("lrcn " + json.at("version").as_string() + '\n', version.out);
  EXPECT_FALSE(json.at("compiler").as_string().empty());
  EXPECT_GE(json.at("threads").as_int(), 1);
  EXPECT_GE(json.at("processors").as_int(), 1);
  EXPECT_GT(json.at("memory").as_int(), 1 << 20);
  for (const char* library : {"oneDNN", "libjpeg", "libpng", "libcrypto"}) {
    EXPECT_NE(json.at("libraries").at(library).as_string().find('.'), std::string::npos) << library;
  }
  EXPECT_EQ(json.at("cuda").at("built").as_bool(), LRCN_HAS_CUDA != 0);
}

TEST(Doctor, SaysWhetherCudaIsBuiltInAndWhyThereIsNoDevice) {
  const Json cuda = Json::parse(run_lrcn({"doctor", "--json"}).out).at("cuda");
  EXPECT_EQ(cuda.at("problem").is_null(), cuda.at("devices").size() > 0);
  const RunResult result = run_lrcn({"doctor"});
  EXPECT_EQ(result.code, 0);
  const char* expected = LRCN_HAS_CUDA != 0 ? "built in" : "not built in";
  EXPECT_NE(result.out.find(expected), std::string::npos) << result.out;
}

TEST(Doctor, FollowsTheNumberOfThreads) {
  RunOptions options;
  options.environment = {{"OMP_NUM_THREADS", "3"}};
  const RunResult result = run_lrcn({"doctor", "--json"}, options);
  EXPECT_EQ(Json::parse(result.out).at("threads").as_int(), 3);
}

TEST(Doctor, TakesNoArguments) { EXPECT_EQ(run_lrcn({"doctor", "now"}).code, 2); }

}  // namespace
}  // namespace lrcn::test
