#include "core/io/file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <utility>

#include "core/error.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

// Larger than a page and than any first guess of a size.
std::string long_text() {
  std::string text;
  for (int i = 0; i < 40000; ++i) {
    text += std::to_string(i);
  }
  return text;
}

TEST(ReadFile, ReturnsEveryByte) {
  const TemporaryFolder folder;
  for (const std::string& content : {std::string(), std::string("a\0b\n", 4), long_text()}) {
    write_file_atomically(folder / "x", content);
    EXPECT_EQ(read_file(folder / "x"), content);
  }
}

TEST(ReadFile, ReadsFilesThatHideTheirSize) {
  EXPECT_NE(read_file("/proc/self/status").find("VmRSS"), std::string::npos);
}

TEST(ReadFile, RepeatsInterruptedReads) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", long_text());
  FaultyFileSystem system;
  system.interrupts = true;
  EXPECT_EQ(read_file(folder / "x", system), long_text());
}

TEST(ReadFile, NamesAbsentFilesAndTheReason) {
  const TemporaryFolder folder;
  const std::string expected = "open " + (folder / "none").string() + ": No such file or directory";
  EXPECT_EQ(message_of<NotFoundError>([&] { read_file(folder / "none"); }), expected);
  write_file_atomically(folder / "x", "file");
  EXPECT_TRUE(
      throws_with<NotFoundError>("Not a directory", [&] { read_file(folder / "x" / "y"); }));
}

TEST(ReadFile, ReportsFailingCalls) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", "content");
  const std::string path = (folder / "x").string();
  FaultyFileSystem system{};
  system.fault = FaultyFileSystem::Fault::error;
  system.code = EACCES;
  EXPECT_EQ(message_of<IoError>([&] { read_file(folder / "x", system); }),
            "open " + path + ": Permission denied");
  system.log.clear();
  system.code = EIO;
  system.at = 1;
  EXPECT_EQ(message_of<IoError>([&] { read_file(folder / "x", system); }),
            "read " + path + ": Input/output error");
  EXPECT_EQ(message_of<IoError>([&] { read_file(folder.path()); }),
            "read " + folder.path().string() + ": Is a directory");
}

TEST(MappedFile, ShowsTheContent) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", long_text());
  EXPECT_EQ(text_of(MappedFile(folder / "x")), long_text());
}

TEST(MappedFile, TakesAnEmptyFile) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", "");
  EXPECT_TRUE(MappedFile(folder / "x").bytes().empty());
}

TEST(MappedFile, StaysWhereItIsWhenItsOwnerMoves) {
  static_assert(!std::is_copy_constructible_v<MappedFile>);
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", "first");
  write_file_atomically(folder / "y", "second");
  MappedFile x(folder / "x");
  const std::byte* address = x.bytes().data();
  MappedFile moved(std::move(x));
  EXPECT_EQ(moved.bytes().data(), address);
  moved = MappedFile(folder / "y");
  EXPECT_EQ(text_of(moved), "second");
}

TEST(MappedFile, KeepsTheOldContentWhenTheFileIsReplaced) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", "old content");
  const MappedFile mapped(folder / "x");
  write_file_atomically(folder / "x", "new");
  EXPECT_EQ(text_of(mapped), "old content");
}

TEST(MappedFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_TRUE(throws_with<NotFoundError>("none: No such file",
                                         [&] { const MappedFile mapped(folder / "none"); }));
  EXPECT_TRUE(throws_with<IoError>("expected a regular file",
                                   [&] { const MappedFile mapped(folder.path()); }));
}

}  // namespace
}  // namespace lrcn::test
