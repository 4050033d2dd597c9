// From pictures to planes of floats.
#include "tools/data/preprocess.h"

#include <cmath>
#include <limits>

#include "tests/tools/data/image_samples.h"
#include "tools/data/resize.h"

namespace lrcn::test {
namespace {

Preprocessing recipe(const std::string& name, int side) {
  if (name == "torchvision") {
    return torchvision_preprocessing(side);
  }
  return name == "caffe" ? caffe_preprocessing(side) : exact_preprocessing(side, side);
}

std::vector<float> planes(const Image& image, const Preprocessing& preprocessing) {
  std::vector<float> values(size_t{3} * preprocessing.crop_width * preprocessing.crop_height,
                            std::numeric_limits<float>::quiet_NaN());
  to_planes(image, preprocessing, values);
  return values;
}

std::vector<float> planes(const Image& image, const Preprocessing& preprocessing,
                          const CropChoice& choice) {
  std::vector<float> values(size_t{3} * preprocessing.crop_width * preprocessing.crop_height,
                            std::numeric_limits<float>::quiet_NaN());
  to_planes(image, preprocessing, choice, values);
  return values;
}

// preprocess.tsv: torchvision's steps by other programs, from synthetic pictures and photographs.
TEST(ToPlanes, AgreesWithTorchvisionsStepsBitForBit) {
  int cases = 0;
  for (const auto& row : table(golden("images/preprocess.tsv"))) {
    ASSERT_EQ(row.size(), 6U);
    const size_t cross = row[2].find('x');
    const bool photo = row[2].ends_with(".jpg");
    if (photo && !std::filesystem::exists(test_data("photos") / row[2])) {
      continue;
    }
    const Image image = photo ? read_image(test_data("photos") / row[2])
                              : pattern(std::stoi(row[2]), std::stoi(row[2].substr(cross + 1)));
    SCOPED_TRACE(row[0] + " " + row[1] + " of " + row[2]);
    const auto values = planes(image, recipe(row[0], std::stoi(row[1])));
    EXPECT_FLOAT_EQ(values.front(), std::stof(row[4]));
    EXPECT_FLOAT_EQ(values.back(), std::stof(row[5]));
    EXPECT_EQ(fnv1a(std::as_bytes(std::span(values))), row[3]);
    ++cases;
  }
  EXPECT_GE(cases, 40);
}

TEST(ToPlanes, PutsChannelsInTheOrderOfTheNetwork) {
  const Image image{.width = 1, .height = 1, .pixels = {10, 20, 30}};
  Preprocessing p = exact_preprocessing(2, 1);
  p.rescale_factor = 1;
  p.mean = {1, 2, 3};
  p.deviation = {1, 2, 4};
  EXPECT_EQ(planes(image, p), (std::vector<float>{9, 9, 9, 9, 6.75F, 6.75F}));
  p.blue_first = true;
  EXPECT_EQ(planes(image, p), (std::vector<float>{29, 29, 9, 9, 1.75F, 1.75F}));
}

TEST(ToPlanes, RefusesRoomOfAnotherSize) {
  std::vector<float> values(3 * 224 * 224 - 1);
  EXPECT_THROW(to_planes(pattern(8, 8), torchvision_preprocessing(), values), ArgumentError);
}

// Without resizing, so that pixels can be told by their place.
Preprocessing raw(int width, int height) {
  return {.resize = ResizeMode::none, .crop_width = width, .crop_height = height};
}

TEST(ResizeAndCrop, RoundsTheCentreAsPythonDoes) {
  // Room 1 and 5 round down to even, 3 and 7 round up.
  for (const auto& [room, offset] : {std::pair{0, 0},
                                     {1, 0},
                                     {2, 1},
                                     {3, 2},
                                     {4, 2},
                                     {5, 2},
                                     {6, 3},
                                     {7, 4},
                                     {29, 14},
                                     {117, 58}}) {
    const Image image = pattern(10 + room, 10);
    EXPECT_EQ(resize_and_crop(image, raw(10, 10)).pixels, crop(image, {offset, 0, 10, 10}).pixels)
        << "room " << room;
  }
}

TEST(ResizeAndCrop, PlacesTrainingCropsByFractions) {
  const Image image = pattern(14, 13);  // room for 5 columns and 4 rows of offsets: 0..4, 0..3
  const auto at = [&](double across, double down) {
    return resize_and_crop(image, raw(10, 10), {.across = across, .down = down}).pixels;
  };
  EXPECT_EQ(at(0, 0), crop(image, {0, 0, 10, 10}).pixels);
  EXPECT_EQ(at(0.19, 0.24), crop(image, {0, 0, 10, 10}).pixels);
  EXPECT_EQ(at(0.21, 0.26), crop(image, {1, 1, 10, 10}).pixels);
  EXPECT_EQ(at(0.999, 0.999), crop(image, {4, 3, 10, 10}).pixels);
  EXPECT_EQ(at(1, 1), crop(image, {4, 3, 10, 10}).pixels);
  for (const double wrong : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(at(wrong, 0), ArgumentError);
    EXPECT_THROW(at(0, wrong), ArgumentError);
  }
}

TEST(ResizeAndCrop, MirrorsAfterCropping) {
  const Image image = pattern(300, 280);
  const CropChoice choice{.across = 0.1, .down = 0.9};
  CropChoice mirrored = choice;
  mirrored.mirrored = true;
  const Preprocessing p = torchvision_preprocessing();
  EXPECT_EQ(resize_and_crop(image, p, mirrored).pixels,
            mirror(resize_and_crop(image, p, choice)).pixels);
  const auto straight = planes(image, p, choice);
  const auto flipped = planes(image, p, mirrored);
  for (size_t row = 0; row < 3 * 224; ++row) {
    for (size_t x = 0; x < 224; ++x) {
      ASSERT_EQ(flipped[row * 224 + x], straight[row * 224 + 223 - x]);
    }
  }
}

TEST(ResizeAndCrop, HandlesExtremeAspectRatios) {
  for (const auto& [width, height] : {std::pair{65'500, 1}, {1, 65'500}, {1, 1}, {2, 3000}}) {
    const Image part = resize_and_crop(pattern(width, height), torchvision_preprocessing());
    EXPECT_EQ(part.pixels.size(), size_t{3} * 224 * 224) << width << "x" << height;
  }
}

TEST(ResizeAndCrop, RefusesASmallPictureWithoutResizing) {
  EXPECT_THROW(resize_and_crop(pattern(226, 240), raw(227, 227)), DataError);
  EXPECT_THROW(resize_and_crop(pattern(320, 226), raw(227, 227)), DataError);
  EXPECT_THROW(resize_and_crop(Image{}, torchvision_preprocessing()), ArgumentError);
}

TEST(Preprocessing, RefusesContradictions) {
  EXPECT_NO_THROW(check_preprocessing(torchvision_preprocessing(256, 256)));
  EXPECT_THROW(check_preprocessing(torchvision_preprocessing(257, 256)), ArgumentError);
  EXPECT_THROW(check_preprocessing(torchvision_preprocessing(0)), ArgumentError);
  EXPECT_THROW(check_preprocessing(torchvision_preprocessing(224, 8193)), ArgumentError);
  EXPECT_THROW(check_preprocessing(caffe_preprocessing(257)), ArgumentError);
  EXPECT_THROW(check_preprocessing(exact_preprocessing(64, -1)), ArgumentError);
  Preprocessing p = torchvision_preprocessing();
  p.deviation[1] = 0;
  EXPECT_THROW(check_preprocessing(p), ArgumentError);
  p = torchvision_preprocessing();
  p.mean[2] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(check_preprocessing(p), ArgumentError);
  p = torchvision_preprocessing();
  p.rescale_factor = std::nan("");
  EXPECT_THROW(check_preprocessing(p), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
