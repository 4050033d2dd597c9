#include "tools/data/caption_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "models/captioner.h"
#include "tests/tools/data/temporary_file.h"
#include "tools/data/caption_loader.h"
#include "tools/data/png_encode.h"

namespace lrcn {
namespace {

namespace fs = std::filesystem;

void write_picture(const fs::path& path, std::uint8_t grey) {
  const Image image{8, 8, std::vector<std::uint8_t>(8 * 8 * 3, grey)};
  std::ofstream(path, std::ios::binary) << encode_png(image);
}

// Pictures 0 .. 4 of grey 0, 50, ... with two captions each; the folder belongs to the test.
CaptionSet five_pictures(const fs::path& folder) {
  CaptionSet set;
  const std::vector<std::string> words = {"one", "two", "three", "four", "five"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string name = concat(i, ".png");
    write_picture(folder / name, std::uint8_t(50 * i));
    set.items.push_back({name,
                         folder / name,
                         std::int64_t(i),
                         "train",
                         {"A " + words[i] + ".", "a small " + words[i] + " here"}});
  }
  return set;
}

Preprocessing plain_pixels() {
  Preprocessing preprocessing = exact_preprocessing(8, 8);
  preprocessing.mean = {0, 0, 0};
  preprocessing.deviation = {1, 1, 1};
  return preprocessing;
}

struct Fixture {
  fs::path folder;
  CaptionSet set;
  Vocabulary vocabulary;

  Fixture()
      : folder(test::fresh_folder()),
        set(five_pictures(folder)),
        vocabulary(build_vocabulary(set, 1)) {}
  CaptionData data(CaptionDataOptions options = {}) const {
    return CaptionData(set, vocabulary, options);
  }
};

TEST(CaptionData, NumbersTheWordsAndCutsLongCaptions) {
  const Fixture fixture;
  const CaptionData data = fixture.data({.max_words = 3, .pictures = {}});
  ASSERT_EQ(data.examples().size(), 10u);
  const auto id = [&](const char* word) { return fixture.vocabulary.id(word); };
  EXPECT_EQ(data.examples()[2].words, (std::vector<std::int32_t>{id("a"), id("two")}));
  EXPECT_FALSE(data.examples()[2].cut);
  EXPECT_EQ(data.examples()[3].words, (std::vector<std::int32_t>{id("a"), id("small"), id("two")}));
  EXPECT_TRUE(data.examples()[3].cut);
  EXPECT_EQ(data.lengths()[2], 3);
  EXPECT_EQ(data.lengths()[3], 3);
}

TEST(CaptionBatcher, LaysWordsTargetsAndStartsOutOverTime) {
  const Fixture fixture;
  const CaptionData data = fixture.data();
  const auto id = [&](const char* word) { return fixture.vocabulary.id(word); };
  for (const std::int64_t lead : {0, 1}) {
    const CaptionBatcher batcher(data, {.preprocessing = plain_pixels(), .lead_steps = lead});
    CaptionBatch batch;
    batcher.fill(std::vector<std::int64_t>{4, 9, -1}, 6, 0, batch);
    EXPECT_EQ(batch.counted, 3 + 5);
    const auto at = [](const auto& values, std::int64_t step, std::int64_t column) {
      return values[std::size_t(step * 3 + column)];
    };
    const std::vector<std::int32_t> three = {id("a"), id("three"), 0};
    for (std::int64_t step = 0; step < 6; ++step) {
      EXPECT_EQ(at(batch.targets, lead + step, 0),
                step < 3 ? three[std::size_t(step)] : kIgnoredTarget);
      EXPECT_EQ(at(batch.targets, lead + step, 2), kIgnoredTarget);
      EXPECT_EQ(at(batch.cont, lead + step, 0), step < 3 && lead + step > 0 ? 1.0f : 0.0f);
    }
    EXPECT_EQ(at(batch.input_ids, 0, 0), kEndOfSentence);
    EXPECT_EQ(at(batch.input_ids, 1, 0), id("a"));
    EXPECT_EQ(at(batch.input_ids, 2, 0), id("three"));
    EXPECT_EQ(at(batch.targets, lead + 4, 1), kEndOfSentence);
    EXPECT_EQ(batch.pictures[0], 100);       // picture 2
    EXPECT_EQ(batch.pictures[3 * 64], 200);  // picture 4
    EXPECT_EQ(batch.places[0].kind, PicturePlace::kUpright);
    EXPECT_EQ(batch.places[1].kind, PicturePlace::kUpright);
    EXPECT_EQ(batch.places[2].kind, PicturePlace::kAbsent);
    if (lead == 1) {
      EXPECT_EQ(batch.targets[0], kIgnoredTarget);
      EXPECT_EQ(batch.cont[0], 0.0f);
    }
  }
}

std::vector<std::int32_t> kinds_of(const CaptionBatch& batch) {
  std::vector<std::int32_t> kinds;
  for (const PicturePlace& place : batch.places) {
    kinds.push_back(place.kind);
  }
  return kinds;
}

TEST(CaptionBatcher, MirrorsHalfOfThePicturesAndOthersInAnotherEpoch) {
  const Fixture fixture;
  const CaptionData data = fixture.data();
  const CaptionBatcher batcher(data, {.preprocessing = plain_pixels(), .random_mirror = true});
  const std::vector<std::int64_t> examples = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::ptrdiff_t mirrored = 0;
  std::vector<std::int32_t> before;
  for (const std::int64_t epoch : {0, 1, 2, 3}) {
    CaptionBatch batch;
    batcher.fill(examples, 6, epoch, batch);
    const std::vector<std::int32_t> kinds = kinds_of(batch);
    EXPECT_NE(kinds, before);
    mirrored += std::ranges::count(kinds, PicturePlace::kMirrored);
    before = kinds;
  }
  EXPECT_GT(mirrored, 10);
  EXPECT_LT(mirrored, 30);
}

TEST(CaptionLoader, GivesTheSameBatchesForAnyNumberOfThreadsAndAnyStart) {
  const Fixture fixture;
  const CaptionData data = fixture.data();
  const CaptionBatcher batcher(data, {.preprocessing = plain_pixels(), .random_mirror = true});
  const EpochOptions epoch{.batch = 3, .buckets = {4, 8}, .seed = 5};
  std::vector<CaptionBatch> expected;
  CaptionLoader one(data, batcher, {.epoch = epoch, .threads = 1, .prefetch = 1});
  for (std::int64_t index = 0; index < 12; ++index) {
    expected.push_back(one.get(index));
  }
  CaptionLoader four(data, batcher, {.epoch = epoch, .threads = 4, .prefetch = 5});
  for (const std::int64_t index : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 3, 4, 9, 0}) {
    const CaptionBatch batch = four.get(index);
    EXPECT_EQ(batch.examples, expected[std::size_t(index)].examples);
    EXPECT_EQ(batch.targets, expected[std::size_t(index)].targets);
    EXPECT_EQ(batch.pictures, expected[std::size_t(index)].pictures);
    EXPECT_EQ(kinds_of(batch), kinds_of(expected[std::size_t(index)]));
    EXPECT_EQ(batch.steps, expected[std::size_t(index)].steps);
  }
}

TEST(CaptionLoader, StopsAtABadPictureOrLeavesItOutAndNamesIt) {
  Fixture fixture;
  std::ofstream(fixture.folder / "3.png", std::ios::binary) << "not a picture";
  const EpochOptions epoch{.batch = 10, .buckets = {8}};
  const CaptionData strict = fixture.data();
  const CaptionBatcher strict_batcher(strict, {.preprocessing = plain_pixels()});
  CaptionLoader stops(strict, strict_batcher, {.epoch = epoch});
  try {
    stops.get(0);
    FAIL() << "the bad picture was accepted";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("3.png"), std::string::npos) << error.what();
  }

  const CaptionData lenient = fixture.data({.max_words = 20, .pictures = {BadPolicy::skip}});
  const CaptionBatcher batcher(lenient, {.preprocessing = plain_pixels()});
  CaptionLoader goes_on(lenient, batcher, {.epoch = epoch});
  const CaptionBatch batch = goes_on.get(0);
  const CaptionBatch whole = [&] {
    CaptionBatch all;
    std::ofstream(fixture.folder / "3.png", std::ios::binary);
    write_picture(fixture.folder / "3.png", 150);
    batcher.fill(std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 8, 9}, 8, 0, all);
    return all;
  }();
  EXPECT_EQ(batch.counted, whole.counted);
  ASSERT_EQ(lenient.pictures().bad().size(), 1u);
  EXPECT_NE(lenient.pictures().bad()[0].find("3.png"), std::string::npos);
}

TEST(PictureStore, KeepsNoMoreThanItsCacheHolds) {
  const Fixture fixture;
  std::vector<fs::path> paths;
  for (const auto& item : fixture.set.items) {
    paths.push_back(item.path);
  }
  const PictureStore store(paths, {BadPolicy::abort, 2 * 8 * 8 * 3});
  const auto first = store.read(0);
  const auto second = store.read(1);
  const auto third = store.read(2);
  EXPECT_EQ(store.read(0), first);  // the same object
  EXPECT_EQ(store.read(1), second);
  EXPECT_NE(store.read(2), third);  // read again
  EXPECT_EQ(store.read(2)->pixels, third->pixels);
}

TEST(BuildVocabulary, RefusesAThresholdThatNoWordReaches) {
  const Fixture fixture;
  EXPECT_THROW(build_vocabulary(fixture.set, 1000), DataError);
}

}  // namespace
}  // namespace lrcn
