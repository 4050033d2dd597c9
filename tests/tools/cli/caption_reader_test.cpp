#include "tools/cli/caption_reader.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/core/io/temporary_folder.h"
#include "tests/tools/cli/small_model.h"

namespace lrcn::test {
namespace {

constexpr int kSide = 8;

class Reader : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 12; ++i) {
      const std::filesystem::path path = folder_ / std::to_string(i);
      paths_.push_back(path);
      if (i == 5) {
        write_file_atomically(path, "no picture");
      } else {
        write_small_picture(path, std::uint64_t(i));
      }
    }
  }

  static CaptionReader::Options options(int threads, std::size_t ahead) {
    return {.preprocessing = exact_preprocessing(kSide, kSide), .threads = threads, .ahead = ahead};
  }

  TemporaryFolder folder_;
  std::vector<std::string> paths_;
};

TEST_F(Reader, GivesAllPicturesInOrder) {
  for (const int threads : {1, 3, 20}) {
    for (const std::size_t ahead : {1, 2, 50}) {
      CaptionReader reader(PictureInputs(paths_), options(threads, ahead));
      for (std::size_t i = 0; i < paths_.size(); ++i) {
        const auto picture = reader.next();
        ASSERT_TRUE(picture);
        EXPECT_EQ(picture->input.name, paths_[i]);
        EXPECT_EQ(picture->pixels.size(), i == 5 ? 0u : 3u * kSide * kSide);
        EXPECT_EQ(picture->error != nullptr, i == 5);
      }
      EXPECT_FALSE(reader.next());
      EXPECT_FALSE(reader.next());
    }
  }
}

TEST_F(Reader, GivesWhatIsReadyWithoutWaitingButNothingBad) {
  CaptionReader reader(PictureInputs(paths_), options(3, 50));
  std::size_t count = 0;
  while (count < 5) {
    const auto picture = reader.next_ready();
    if (picture) {
      EXPECT_EQ(picture->input.name, paths_[count++]);
      EXPECT_FALSE(picture->pixels.empty());
    }
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(reader.next_ready());  // the bad one stays
  }
  const auto bad = reader.next();
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->input.name, paths_[5]);
  EXPECT_TRUE(bad->error != nullptr);
  while (reader.next()) {
    ++count;
  }
  EXPECT_EQ(count, paths_.size() - 1);
  EXPECT_FALSE(reader.next_ready());
}

TEST_F(Reader, CannotUseNamesThatAreNotUtf8WhenTheyHaveToBe) {
  const std::filesystem::path odd = folder_ / "odd\xff";
  write_small_picture(odd, 1);
  CaptionReader::Options strict = options(1, 1);
  EXPECT_TRUE(CaptionReader(PictureInputs({odd.string()}), strict).next()->error == nullptr);
  strict.utf8_names = true;
  const auto picture = CaptionReader(PictureInputs({odd.string()}), strict).next();
  EXPECT_THROW(std::rethrow_exception(picture->error), DataError);
}

TEST_F(Reader, CanBeGivenUpAtAnyTime) {
  for (std::size_t taken = 0; taken < 4; ++taken) {
    CaptionReader reader(PictureInputs(paths_), options(4, 3));
    for (std::size_t i = 0; i < taken; ++i) {
      EXPECT_TRUE(reader.next());
    }
  }
}

TEST_F(Reader, ReportsInputsThatCannotBeFoundBehindThoseThatCan) {
  CaptionReader reader(PictureInputs({paths_[0], paths_[1], "@/absent/list", paths_[2]}),
                       options(2, 8));
  EXPECT_TRUE(reader.next());
  EXPECT_TRUE(reader.next());
  EXPECT_THROW(reader.next(), NotFoundError);
}

TEST_F(Reader, NeedsAThreadAndRoom) {
  EXPECT_THROW(CaptionReader(PictureInputs(paths_), options(0, 1)), ArgumentError);
  EXPECT_THROW(CaptionReader(PictureInputs(paths_), options(1, 0)), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
