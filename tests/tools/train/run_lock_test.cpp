#include "tools/train/run_lock.h"

#include <gtest/gtest.h>

#include <optional>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

TEST(RunLock, KeepsASecondTrainingOut) {
  const TemporaryFolder folder;
  std::optional<RunLock> first(std::in_place, folder / "runs/mine");
  EXPECT_TRUE(throws_with<ArgumentError>("another training is at work in",
                                         [&] { RunLock(folder / "runs/mine"); }));
  const RunLock other(folder / "runs/other");
  first.reset();
  const RunLock second(folder / "runs/mine");  // although the file is still there
}

TEST(RunLock, ReportsAFolderThatCannotBeUsed) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "");
  EXPECT_THROW(RunLock(folder / "file/run"), IoError);
  std::filesystem::create_directories(folder / "run/.lock");
  EXPECT_THROW(RunLock(folder / "run"), IoError);
}

}  // namespace
}  // namespace lrcn::test
