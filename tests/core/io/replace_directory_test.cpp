#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/faulty_file_system.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Fault = FaultyFileSystem::Fault;

// A checkpoint of several files, all of one generation.
void fill(const fs::path& folder, const std::string& generation) {
  fs::create_directories(folder / "inner" / "empty");
  for (const char* name : {"model", "state", "inner/config"}) {
    std::ofstream(folder / name) << generation;
  }
  fs::create_symlink("model", folder / "link");
}

// The generation of a folder; "broken" when it is not whole.
std::string generation_of(const fs::path& folder) {
  const fs::path files[] = {folder / "model", folder / "state", folder / "inner" / "config",
                            folder / "link"};
  for (const fs::path& file : files) {
    if (!fs::is_regular_file(file) || read_file(file) != read_file(files[0])) {
      return "broken";
    }
  }
  return fs::is_directory(folder / "inner" / "empty") ? read_file(files[0]) : "broken";
}

struct Setting {
  TemporaryFolder root;
  FaultyFileSystem system;
  fs::path target = root / "last";
  fs::path temporary = root / "last.tmp";

  explicit Setting(bool can_exchange) {
    system.can_exchange = can_exchange;
    fill(target, "old");
    fill(temporary, "new");
  }
  void replace() const { replace_directory_atomically(temporary, target, system); }
};

class ReplaceDirectory : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, ReplaceDirectory, testing::Bool(),
                         [](const auto& can_exchange) -> std::string {
                           return can_exchange.param ? "WithExchange" : "WithTwoRenames";
                         });

TEST_P(ReplaceDirectory, PutsTheNewFolderInPlaceAndRemovesTheOldOne) {
  const Setting setting(GetParam());
  setting.replace();
  EXPECT_EQ(generation_of(setting.target), "new");
  EXPECT_EQ(setting.root.names(), Names{"last"});
}

TEST_P(ReplaceDirectory, BringsEveryFileAndFolderToTheDiskFirst) {
  const Setting setting(GetParam());
  setting.replace();
  const auto& log = setting.system.log;
  const auto moved = std::find_if(log.begin(), log.end(), [](const std::string& call) {
    return call == "exchange" || call == "rename";
  });
  // model, state, inner, inner/config, inner/empty and the folder itself; afterwards its parent
  EXPECT_EQ(std::count(log.begin(), moved, "fsync"), 6);
  EXPECT_EQ(std::count(moved, log.end(), "fsync"), 1);
}

TEST_P(ReplaceDirectory, LeavesOneWholeFolderWhenAnyStepFails) {
  const Setting whole(GetParam());
  whole.replace();
  const std::size_t steps = whole.system.log.size();
  std::size_t old_ones = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    Setting setting(GetParam());
    setting.system.fault = Fault::error;
    setting.system.at = step;
    if (whole.system.log[step] == "close") {
      continue;  // of a file that was only read
    }
    EXPECT_TRUE(throws_with<IoError>("Input/output error", [&] { setting.replace(); }));
    const std::string generation = generation_of(setting.target);
    EXPECT_TRUE(generation == "old" || generation == "new")
        << "step " << step << ": " << generation;
    old_ones += generation == "old";

    fs::remove_all(setting.temporary);  // as the next checkpoint does
    fill(setting.temporary, "newer");
    setting.system.fault = Fault::none;
    setting.replace();
    EXPECT_EQ(generation_of(setting.target), "newer") << "step " << step;
    EXPECT_EQ(setting.root.names(), Names{"last"}) << "step " << step;
  }
  EXPECT_GT(old_ones, 12u);
  EXPECT_LT(old_ones, steps);
}

TEST_P(ReplaceDirectory, LeavesOneWholeFolderWhenKilledAtAnyStep) {
  const Setting whole(GetParam());
  whole.replace();
  bool recovered = false;
  for (std::size_t step = 0; step < whole.system.log.size(); ++step) {
    Setting setting(GetParam());
    setting.system.fault = Fault::kill;
    setting.system.at = step;
    ASSERT_TRUE(is_killed([&] { setting.replace(); })) << "step " << step;

    recovered |= recover_directory(setting.target);
    const std::string generation = generation_of(setting.target);
    EXPECT_TRUE(generation == "old" || generation == "new")
        << "step " << step << ": " << generation;
  }
  EXPECT_EQ(recovered, !GetParam());  // an exchange never leaves the name empty
}

TEST_P(ReplaceDirectory, LeavesNothingOfAnEarlierReplacementThatWasKilled) {
  const Setting whole(GetParam());
  whole.replace();
  for (std::size_t step = 0; step < whole.system.log.size(); ++step) {
    Setting setting(GetParam());
    setting.system.fault = Fault::kill;
    setting.system.at = step;
    ASSERT_TRUE(is_killed([&] { setting.replace(); })) << "step " << step;
    fs::remove_all(setting.temporary);
    fill(setting.temporary, "newer");
    setting.system.fault = Fault::none;
    setting.replace();
    EXPECT_EQ(generation_of(setting.target), "newer") << "step " << step;
    EXPECT_EQ(setting.root.names(), Names{"last"}) << "step " << step;
  }
}

TEST(ReplaceDirectoryOnce, NeedsNoOldFolder) {
  const TemporaryFolder root;
  fill(root / "last.tmp", "new");
  replace_directory_atomically(root / "last.tmp/", root / "last/");
  EXPECT_EQ(generation_of(root / "last"), "new");
  EXPECT_EQ(root.names(), Names{"last"});
}

TEST(ReplaceDirectoryOnce, RefusesWhatIsNoFolder) {
  const TemporaryFolder root;
  fill(root / "last.tmp", "new");
  write_file_atomically(root / "file", "content");
  EXPECT_TRUE(throws_with<NotFoundError>(
      "none does not exist", [&] { replace_directory_atomically(root / "none", root / "last"); }));
  EXPECT_TRUE(throws_with<IoError>("file: expected a folder", [&] {
    replace_directory_atomically(root / "last.tmp", root / "file");
  }));
  EXPECT_TRUE(throws_with<IoError>("file: expected a folder", [&] {
    replace_directory_atomically(root / "file", root / "last");
  }));
  EXPECT_EQ(generation_of(root / "last.tmp"), "new");
  EXPECT_EQ(read_file(root / "file"), "content");
}

}  // namespace
}  // namespace lrcn::test
