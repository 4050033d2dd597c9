#include "tools/cli/exit_code.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/error.h"
#include "tools/cli/usage_error.h"

namespace lrcn {
namespace {

TEST(ExitCode, TellsTheKindOfAnError) {
  EXPECT_EQ(exit_code_of(UsageError("")), 2);
  EXPECT_EQ(exit_code_of(ArgumentError("")), 2);
  EXPECT_EQ(exit_code_of(DataError("")), 65);
  EXPECT_EQ(exit_code_of(NotFoundError("")), 66);
  EXPECT_EQ(exit_code_of(DeviceError("")), 70);
  EXPECT_EQ(exit_code_of(MemoryError("")), 70);
  EXPECT_EQ(exit_code_of(std::bad_alloc()), 70);
  EXPECT_EQ(exit_code_of(IoError("")), 74);
  EXPECT_EQ(exit_code_of(std::filesystem::filesystem_error("", {})), 74);
}

}  // namespace
}  // namespace lrcn
