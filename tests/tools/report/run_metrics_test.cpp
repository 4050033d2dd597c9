#include "tools/report/run_metrics.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

const std::string kTrain =
    R"({"kind":"train","step":1,"epoch":0,"loss":2.5,"accuracy":0.25,"lr":0.1,"grad_norm":1.0,)"
    R"("examples_per_second":8.0,"skipped":0})"
    "\n";
const std::string kSkipped =
    R"({"kind":"train","step":2,"epoch":0,"loss":null,"lr":0.1,"examples_per_second":8.0})"
    "\n";
const std::string kValidation =
    R"({"kind":"validation","step":2,"epoch":0,"metrics":{"loss":2.0,"cider":null},"best":true})"
    "\n";

RunMetrics metrics_of(const std::string& text) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "metrics.jsonl", text);
  return read_metrics(folder / "metrics.jsonl");
}

TEST(RunMetrics, ReadsTrainingAndValidation) {
  const RunMetrics metrics = metrics_of(kTrain + kSkipped + kValidation);
  ASSERT_EQ(metrics.training.size(), 2u);
  EXPECT_EQ(metrics.training[0].loss, 2.5);
  EXPECT_EQ(metrics.training[0].accuracy, 0.25);
  EXPECT_EQ(metrics.training[0].examples_per_second, 8.0);
  EXPECT_EQ(metrics.training[1].step, 2);
  EXPECT_FALSE(metrics.training[1].loss);
  ASSERT_EQ(metrics.validation.size(), 1u);
  EXPECT_TRUE(metrics.validation[0].best);
  EXPECT_EQ(metrics.validation[0].metrics, (std::map<std::string, double>{{"loss", 2.0}}));
}

TEST(RunMetrics, PassesOverALastLineThatIsCut) {
  EXPECT_EQ(metrics_of(kTrain + kTrain.substr(0, 30)).training.size(), 1u);
  EXPECT_TRUE(metrics_of("").training.empty());
}

TEST(RunMetrics, PassesOverKindsOfOtherVersions) {
  EXPECT_EQ(metrics_of("{\"kind\":\"note\"}\n" + kTrain).training.size(), 1u);
}

TEST(RunMetrics, NamesTheLineThatIsDamaged) {
  EXPECT_TRUE(throws_with<DataError>("metrics.jsonl:2",
                                     [] { metrics_of(kTrain + "{\"kind\": \n" + kValidation); }));
  EXPECT_TRUE(throws_with<DataError>("step", [] { metrics_of("{\"kind\":\"train\"}\n"); }));
  EXPECT_THROW(read_metrics("/absent/metrics.jsonl"), NotFoundError);
}

}  // namespace
}  // namespace lrcn::test
