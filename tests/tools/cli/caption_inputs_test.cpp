#include "tools/cli/caption_inputs.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/core/io/throws_with.h"
#include "tests/tools/cli/small_model.h"

namespace lrcn::test {
namespace {

namespace fs = std::filesystem;

class Inputs : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& content = "x") const {
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, content);
  }

  // The pictures found, relative to the folder.
  std::vector<std::string> found(std::vector<std::string> arguments) const {
    PictureInputs inputs(std::move(arguments));
    std::vector<std::string> names;
    while (const auto input = inputs.next()) {
      EXPECT_EQ(input->name, input->path.string());
      EXPECT_FALSE(input->image_id);
      names.push_back(fs::path(input->name).lexically_relative(folder_.path()).string());
    }
    return names;
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  TemporaryFolder folder_;
};

using Names = std::vector<std::string>;

TEST_F(Inputs, TakeFilesAsTheyAreNamed) {
  EXPECT_EQ(found({path("a.txt"), path("absent.jpg"), path("a.txt")}),
            (Names{"a.txt", "absent.jpg", "a.txt"}));
}

TEST_F(Inputs, FindPicturesOfAFolderByTheirNames) {
  for (const char* name : {"b.JPG", "a.jpeg", "c.png", "d.bmp", "e.webp", "notes.txt", "f.gif"}) {
    write(name);
  }
  EXPECT_EQ(found({path("")}), (Names{"a.jpeg", "b.JPG", "c.png", "d.bmp", "e.webp"}));
}

TEST_F(Inputs, FindPicturesOfAFolderByTheirContent) {
  write_small_picture(folder_ / "picture", 0);
  write("text", "BMW is a maker of cars");
  write("nothing", "");
  EXPECT_EQ(found({path("")}), Names{"picture"});
}

TEST_F(Inputs, GoThroughFoldersInTheOrderOfNames) {
  for (const char* name : {"b/2.png", "b/1.png", "a.png", "b/a/3.png", "c.png"}) {
    write(name);
  }
  EXPECT_EQ(found({path("")}), (Names{"a.png", "b/1.png", "b/2.png", "b/a/3.png", "c.png"}));
}

TEST_F(Inputs, PassOverHiddenFilesAndLinksToFolders) {
  for (const char* name : {".a.png", ".hidden/b.png", "c.png"}) {
    write(name);
  }
  fs::create_directory_symlink(folder_.path(), folder_ / "loop");
  fs::create_symlink(folder_ / "c.png", folder_ / "d.png");
  fs::create_symlink(folder_ / "absent", folder_ / "e.png");
  EXPECT_EQ(found({path("")}), (Names{"c.png", "d.png"}));
}

TEST_F(Inputs, ReadPathsFromLists) {
  write("in/a.png");
  write("list", path("one.png") + "\n\n" + path("in") + "\r\n" + path("- two.png"));
  write("empty", "");
  EXPECT_EQ(found({"@" + path("list"), "@" + path("empty"), path("three.png")}),
            (Names{"one.png", "in/a.png", "- two.png", "three.png"}));
}

TEST_F(Inputs, CountWhatIsLeftWithoutLosingIt) {
  PictureInputs inputs({path("a"), path("b"), path("c")});
  EXPECT_EQ(inputs.left(2), 2u);
  EXPECT_EQ(inputs.next()->path, folder_ / "a");
  EXPECT_EQ(inputs.left(5), 2u);
  EXPECT_EQ(inputs.next()->path, folder_ / "b");
  EXPECT_EQ(inputs.next()->path, folder_ / "c");
  EXPECT_EQ(inputs.left(5), 0u);
  EXPECT_FALSE(inputs.next());
}

TEST_F(Inputs, RefuseFoldersWithoutPicturesAndAbsentLists) {
  write("empty/notes.txt");
  EXPECT_TRUE(throws_with<NotFoundError>("empty", [&] { found({path("empty")}); }));
  EXPECT_TRUE(throws_with<NotFoundError>("list", [&] { found({"@" + path("list")}); }));
  EXPECT_TRUE(throws_with<IoError>("empty", [&] { found({"@" + path("empty")}); }));
}

TEST_F(Inputs, AreThePicturesOfACaptionSetWithTheirIds) {
  CaptionSet set;
  set.items.push_back({.file_name = "x.png",
                       .path = "folder/x.png",
                       .image_id = 9,
                       .split = "all",
                       .captions = {}});
  PictureInputs inputs(set);
  const auto input = inputs.next();
  ASSERT_TRUE(input);
  EXPECT_EQ(input->name, "folder/x.png");
  EXPECT_EQ(input->image_id, 9);
  EXPECT_FALSE(inputs.next());
}

}  // namespace
}  // namespace lrcn::test
