#include "tools/data/shapes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "core/error.h"
#include "core/io/file.h"
#include "tests/tools/data/temporary_file.h"
#include "tools/data/coco.h"
#include "tools/data/shapes_writer.h"
#include "tools/data/tokenize.h"

namespace lrcn {
namespace {

TEST(Shapes, HaveFiveDifferentCaptionsThatTellTheSceneApart) {
  std::map<std::string, std::uint64_t> scene_of;
  for (std::uint64_t index = 0; index < 2000; ++index) {
    const ShapeScene scene = draw_scene(1, index);
    const auto captions = captions_of(scene);
    EXPECT_EQ(std::set<std::string>(captions.begin(), captions.end()).size(), 5u);
    for (const std::string& caption : captions) {
      const auto [place, is_new] = scene_of.emplace(caption, scene.combination());
      EXPECT_EQ(place->second, scene.combination()) << caption;
      EXPECT_LE(tokenize_caption(caption).size(), 23u) << caption;  // 24 steps with the end
    }
  }
}

TEST(Shapes, ArePaintedWhereTheCaptionSays) {
  const ShapeScene scene{{{ShapeKind::square, ShapeColour::red, ShapeSize::large},
                          {ShapeKind::circle, ShapeColour::blue, ShapeSize::large}},
                         0,
                         ShapeScene::Axis::row};
  EXPECT_EQ(captions_of(scene)[0], "a large red square left of a large blue circle");
  for (std::uint64_t index = 0; index < 20; ++index) {
    const Image image = render(scene, 3, index);
    double red = 0;  // sums of the column numbers, weighted by the colour
    double blue = 0;
    double red_weight = 0;
    double blue_weight = 0;
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        const std::uint8_t* pixel = &image.pixels[std::size_t(y * image.width + x) * 3];
        const bool is_red = pixel[0] > 120 && pixel[2] < 100;
        const bool is_blue = pixel[2] > 140 && pixel[0] < 110;
        red += is_red ? x : 0;
        red_weight += is_red ? 1 : 0;
        blue += is_blue ? x : 0;
        blue_weight += is_blue ? 1 : 0;
      }
    }
    ASSERT_GT(red_weight, 100);
    ASSERT_GT(blue_weight, 100);
    EXPECT_LT(red / red_weight + 15, blue / blue_weight);
  }
}

TEST(Shapes, AreTheSameForTheSameSeedAndIndex) {
  const ShapeScene scene = draw_scene(4, 17);
  EXPECT_EQ(render(scene, 4, 17).pixels, render(scene, 4, 17).pixels);
  EXPECT_NE(render(scene, 4, 17).pixels, render(scene, 4, 18).pixels);
}

TEST(ShapesWriter, KeepsCombinationsOfValAndTestOutOfTraining) {
  const auto folder = test::fresh_folder();
  const ShapesSummary summary = write_shapes(folder, {.train = 120, .val = 20, .test = 30});
  EXPECT_EQ(summary.pictures, 170);
  std::map<std::string, std::set<std::string>> captions;
  for (const std::string part : {"train", "val", "test"}) {
    const CaptionSet set = read_coco({folder / ("captions_" + part + ".json"), folder, part});
    EXPECT_EQ(set.items.size(), part == "train" ? 120u : (part == "val" ? 20u : 30u));
    check_files_exist(set);
    for (const CaptionSet::Item& item : set.items) {
      ASSERT_EQ(item.captions.size(), 5u);
      captions[part].insert(item.captions[0]);
      const Image image = read_image(item.path);
      EXPECT_EQ(image.width, kShapesSide);
      EXPECT_EQ(image.height, kShapesSide);
    }
  }
  for (const std::string part : {"val", "test"}) {
    for (const std::string& caption : captions[part]) {
      EXPECT_FALSE(captions["train"].contains(caption)) << caption;
    }
  }
}

TEST(ShapesWriter, WritesTheSameBytesAgain) {
  const auto folder = test::fresh_folder();
  const auto one = folder / "one";
  const auto two = folder / "two";
  const ShapesOptions options{.train = 5, .val = 2, .test = 2, .seed = 6};
  write_shapes(one, options);
  write_shapes(two, options);
  for (const char* name : {"captions_train.json", "captions_test.json", "train/000004.png"}) {
    EXPECT_EQ(read_file(one / name), read_file(two / name)) << name;
  }
}

TEST(ShapesWriter, LeavesNoCaptionsOfAnEarlierSetWhenItFails) {
  const auto folder = test::fresh_folder();
  write_shapes(folder, {.train = 2, .val = 1, .test = 1, .seed = 6});
  std::filesystem::create_directories(folder / "train/000003.png");  // in the way
  EXPECT_THROW(write_shapes(folder, {.train = 5, .val = 1, .test = 1, .seed = 7}), IoError);
  for (const char* part : {"train", "val", "test"}) {
    EXPECT_FALSE(std::filesystem::exists(folder / concat("captions_", part, ".json"))) << part;
  }
}

TEST(ShapesWriter, RefusesNumbersThatMakeNoSense) {
  const auto folder = test::fresh_folder();
  EXPECT_THROW(write_shapes(folder, {.train = 0}), ArgumentError);
  EXPECT_THROW(write_shapes(folder, {.train = 5, .val = -1}), ArgumentError);
}

}  // namespace
}  // namespace lrcn
