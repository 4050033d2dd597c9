#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

using Names = std::vector<std::string>;
using Fault = FaultyFileSystem::Fault;

// What the tests do at every point of failure: two writes, then commit.
void write_in_two_parts(const std::filesystem::path& path, const FileSystem& system) {
  AtomicFile file(path, system);
  file.write("new ");
  file.write("content");
  file.commit();
}

const Names kSteps = {"open",   "write", "write", "fsync", "close",
                      "rename", "open",  "fsync", "close"};

TEST(AtomicFile, ReplacesTheOldContentAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const FaultyFileSystem system;
  write_in_two_parts(folder / "x", system);
  EXPECT_EQ(read_file(folder / "x"), "new content");
  write_file_atomically(folder / "x", "");
  EXPECT_EQ(read_file(folder / "x"), "");
  EXPECT_EQ(folder.names(), Names{"x"});
  EXPECT_EQ(system.log, kSteps);
}

TEST(AtomicFile, KeepsTheOldFileWhenAnyStepFails) {
  const std::size_t renamed =
      6;  // from here on the new file is in place; the last close is ignored
  for (std::size_t step = 0; step < kSteps.size() - 1; ++step) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "x", "old");
    FaultyFileSystem system;
    system.fault = Fault::error;
    system.at = step;
    EXPECT_TRUE(throws_with<IoError>("Input/output error",
                                     [&] { write_in_two_parts(folder / "x", system); }))
        << "step " << step;
    EXPECT_EQ(read_file(folder / "x"), step < renamed ? "old" : "new content") << "step " << step;
    EXPECT_EQ(folder.names(), Names{"x"}) << "step " << step;
    EXPECT_EQ(system.open_files, 0) << "step " << step;
  }
}

TEST(AtomicFile, LeavesNothingBehindWhenTheFirstWriteOfAFileFails) {
  const TemporaryFolder folder;
  FaultyFileSystem system;
  system.fault = Fault::error;
  system.at = 1;
  system.code = ENOSPC;
  EXPECT_EQ(message_of<IoError>([&] { write_in_two_parts(folder / "x", system); }),
            "write " + (folder / "x").string() + ": No space left on device");
  EXPECT_EQ(folder.names(), Names{});
}

TEST(AtomicFile, LeavesTheOldOrTheNewFileWholeWhenKilledAtAnyStep) {
  for (std::size_t step = 0; step < kSteps.size(); ++step) {
    const TemporaryFolder folder;
    write_file_atomically(folder / "x", "old");
    FaultyFileSystem system;
    system.fault = Fault::kill;
    system.at = step;
    ASSERT_TRUE(is_killed([&] { write_in_two_parts(folder / "x", system); })) << "step " << step;
    EXPECT_EQ(read_file(folder / "x"), step < 6 ? "old" : "new content") << "step " << step;
  }
}

TEST(AtomicFile, FinishesShortAndInterruptedWrites) {
  const TemporaryFolder folder;
  FaultyFileSystem system;
  system.largest_write = 3;
  system.interrupts = true;
  write_in_two_parts(folder / "x", system);
  EXPECT_EQ(read_file(folder / "x"), "new content");
  system.largest_write = 0;  // a system that never gets on must not hang the writer
  EXPECT_TRUE(throws_with<IoError>("write ", [&] { write_in_two_parts(folder / "x", system); }));
  EXPECT_EQ(read_file(folder / "x"), "new content");
}

TEST(AtomicFile, AcceptsFileSystemsThatCannotSyncFolders) {
  const TemporaryFolder folder;
  FaultyFileSystem system;
  system.fault = Fault::error;
  system.at = 7;
  system.code = EINVAL;
  write_in_two_parts(folder / "x", system);
  EXPECT_EQ(read_file(folder / "x"), "new content");
}

TEST(AtomicFile, DropsWhatIsNotCommitted) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", "old");
  {
    AtomicFile file(folder / "x");
    file.write("half of the");
    EXPECT_EQ(folder.names().size(), 2u);
  }
  EXPECT_EQ(read_file(folder / "x"), "old");
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(AtomicFile, RefusesUseAfterCommitAndAfterFailure) {
  const TemporaryFolder folder;
  AtomicFile done(folder / "x");
  done.commit();
  EXPECT_THROW(done.write("more"), ArgumentError);
  EXPECT_THROW(done.commit(), ArgumentError);

  FaultyFileSystem system;
  system.fault = Fault::error;
  system.at = 1;
  AtomicFile failed(folder / "y", system);
  EXPECT_THROW(failed.write("text"), IoError);
  EXPECT_THROW(failed.commit(), ArgumentError);
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(AtomicFile, LetsTwoWritersOfOneFileWork) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "x");
  AtomicFile second(folder / "x");
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(read_file(folder / "x"), "first");
  EXPECT_EQ(folder.names(), Names{"x"});
}

TEST(AtomicFile, WritesThroughALink) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "data");
  write_file_atomically(folder / "data" / "x", "old");
  std::filesystem::create_symlink("data/x", folder / "link");
  write_file_atomically(folder / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "data" / "x"), "new");
}

TEST(AtomicFile, RefusesTargetsThatAreNoFiles) {
  const TemporaryFolder folder;
  EXPECT_TRUE(throws_with<IoError>("expected a regular file",
                                   [&] { write_file_atomically(folder.path(), "x"); }));
  EXPECT_TRUE(throws_with<IoError>("expected a regular file",
                                   [&] { write_file_atomically("/dev/null", "x"); }));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_THROW(write_file_atomically(folder / "none/", "x"), ArgumentError);
  EXPECT_TRUE(throws_with<IoError>("No such file or directory",
                                   [&] { write_file_atomically(folder / "none" / "x", "x"); }));
}

TEST(AtomicFile, GivesTheFileTheRightsThatTheUserAskedFor) {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(0027);
  write_file_atomically(folder / "x", "content");
  ::umask(mask);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

}  // namespace
}  // namespace lrcn::test
