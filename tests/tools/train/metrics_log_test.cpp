#include "tools/train/metrics_log.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

Json record(std::int64_t step) { return Json::object({{"step", step}}); }

TEST(MetricsLog, WritesEachRecordAtOnce) {
  const TemporaryFolder folder;
  MetricsLog log(folder / "metrics.jsonl", -1);
  EXPECT_EQ(read_file(folder / "metrics.jsonl"), "");
  log.append(record(1));
  EXPECT_EQ(read_file(folder / "metrics.jsonl"), "{\"step\":1}\n");
  log.append(record(2));
  log.sync();
  EXPECT_EQ(read_file(folder / "metrics.jsonl"), "{\"step\":1}\n{\"step\":2}\n");
}

TEST(MetricsLog, CutsWhatComesAfterTheStep) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "log",
                        "{\"step\":1}\n{\"step\":2,\"a\":1}\n{\"step\":2}\n"
                        "{\"step\":3}\n");
  MetricsLog log(folder / "log", 2);
  log.append(record(3));
  EXPECT_EQ(read_file(folder / "log"),
            "{\"step\":1}\n{\"step\":2,\"a\":1}\n{\"step\":2}\n{\"step\":3}\n");
}

TEST(MetricsLog, StartsAnewWithoutACheckpoint) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "log", "{\"step\":1}\nnot even JSON\n");
  const MetricsLog log(folder / "log", -1);
  EXPECT_EQ(read_file(folder / "log"), "");
}

TEST(MetricsLog, DropsALastLineThatWasCut) {
  const TemporaryFolder folder;
  for (const char* rest : {"{\"st", "{\"step\":2", "\n", "{}\n", "[2]\n", "{\"step\":\"2\"}\n"}) {
    write_file_atomically(folder / "log", std::string("{\"step\":1}\n") + rest);
    const MetricsLog log(folder / "log", 2);
    EXPECT_EQ(read_file(folder / "log"), "{\"step\":1}\n") << rest;
  }
}

TEST(MetricsLog, KeepsALastLineWithoutItsEndWhenItIsWhole) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "log", "{\"step\":1}");
  MetricsLog log(folder / "log", 2);
  log.append(record(3));
  EXPECT_EQ(read_file(folder / "log"), "{\"step\":1}\n{\"step\":3}\n");
}

TEST(MetricsLog, NamesADamagedLineInTheMiddle) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "log", "{\"step\":1}\n{\"st\n{\"step\":2}\n");
  EXPECT_TRUE(throws_with<DataError>("log:2", [&] { MetricsLog(folder / "log", 2); }));
  EXPECT_EQ(read_file(folder / "log"), "{\"step\":1}\n{\"st\n{\"step\":2}\n");
}

TEST(MetricsLog, ReportsAFullDiskAndAMissingFolder) {
  const TemporaryFolder folder;
  FaultyFileSystem files;
  MetricsLog log(folder / "log", -1, files);
  files.fault = FaultyFileSystem::Fault::error;
  files.code = ENOSPC;
  files.at = files.log.size();
  EXPECT_TRUE(throws_with<IoError>("No space left on device", [&] { log.append(record(1)); }));
  EXPECT_THROW(MetricsLog(folder / "absent" / "log", -1), IoError);
}

}  // namespace
}  // namespace lrcn::test
