#include "tools/data/preprocess.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "tools/data/resize.h"

namespace lrcn {
namespace {

constexpr int kMaxSide = 8192;  // of resized pictures and crops; keeps all products below 2^31

struct Size {
  int width = 0;
  int height = 0;
};

Size resized_size(const Image& image, const Preprocessing& preprocessing) {
  switch (preprocessing.resize) {
    case ResizeMode::none:
      break;
    case ResizeMode::exact:
      return {preprocessing.resize_width, preprocessing.resize_height};
    case ResizeMode::shortest_edge: {
      const int64_t edge = preprocessing.shortest_edge;
      if (image.width <= image.height) {
        return {static_cast<int>(edge), static_cast<int>(edge * image.height / image.width)};
      }
      return {static_cast<int>(edge * image.width / image.height), static_cast<int>(edge)};
    }
  }
  return {image.width, image.height};
}

// round(room / 2.0) in Python rounds halves to the even neighbour.
int centre_offset(int room) {
  const int half = room / 2;
  return half + (room % 2 != 0 && half % 2 != 0 ? 1 : 0);
}

int chosen_offset(int room, double fraction) {
  return std::min(room, static_cast<int>(fraction * (room + 1)));
}

Size size_with_room_for_crop(const Image& image, const Preprocessing& preprocessing) {
  check_preprocessing(preprocessing);
  check(image.width > 0 && image.height > 0, "preprocess: the picture is empty");
  const Size size = resized_size(image, preprocessing);
  check<DataError>(
      size.width >= preprocessing.crop_width && size.height >= preprocessing.crop_height,
      "preprocess: without resizing a picture must hold the crop of ", preprocessing.crop_width,
      "x", preprocessing.crop_height, ", got ", image.width, "x", image.height);
  return size;
}

// image: [H, W, 3], planes: [3, H, W]
void normalise(Image image, const Preprocessing& preprocessing, std::span<float> planes) {
  const std::int64_t height = image.height;
  const std::int64_t width = image.width;
  check(std::int64_t(planes.size()) == 3 * height * width, "to_planes: expected room for 3x",
        height, "x", width, " floats, got ", planes.size());
  Context context(Device::cpu());
  PicturePlace place;
  normalize_pictures(context, {image.pixels.data(), {{1, height, width, 3}, DType::u8}, {}},
                     {&place, {{1, 3}, DType::i32}, {}}, picture_numbers(preprocessing),
                     {planes.data(), {{1, 3, height, width}}, {}});
}

}  // namespace

Preprocessing torchvision_preprocessing(int crop_side, int shortest_edge) {
  return {.shortest_edge = shortest_edge, .crop_width = crop_side, .crop_height = crop_side};
}

Preprocessing caffe_preprocessing(int crop_side) {
  return {.resize = ResizeMode::exact,
          .resize_width = 256,
          .resize_height = 256,
          .crop_width = crop_side,
          .crop_height = crop_side,
          .rescale_factor = 1.0,
          .mean = {104.0F, 117.0F, 123.0F},
          .deviation = {1.0F, 1.0F, 1.0F},
          .blue_first = true};
}

Preprocessing exact_preprocessing(int width, int height) {
  return {.resize = ResizeMode::exact,
          .resize_width = width,
          .resize_height = height,
          .crop_width = width,
          .crop_height = height};
}

void check_preprocessing(const Preprocessing& p) {
  const auto side = [](const char* field, int value) {
    check(value >= 1 && value <= kMaxSide, "preprocess: ", field, " must be 1 to ", kMaxSide,
          ", got ", value);
  };
  side("crop_width", p.crop_width);
  side("crop_height", p.crop_height);
  if (p.resize == ResizeMode::shortest_edge) {
    side("shortest_edge", p.shortest_edge);
    check(std::max(p.crop_width, p.crop_height) <= p.shortest_edge, "preprocess: the crop of ",
          p.crop_width, "x", p.crop_height, " must fit shortest_edge ", p.shortest_edge);
  } else if (p.resize == ResizeMode::exact) {
    side("resize_width", p.resize_width);
    side("resize_height", p.resize_height);
    check(p.crop_width <= p.resize_width && p.crop_height <= p.resize_height,
          "preprocess: the crop of ", p.crop_width, "x", p.crop_height, " must fit the resized ",
          p.resize_width, "x", p.resize_height);
  }
  check(std::isfinite(p.rescale_factor), "preprocess: rescale_factor must be finite, got ",
        p.rescale_factor);
  for (size_t c = 0; c < 3; ++c) {
    check(std::isfinite(p.mean[c]), "preprocess: mean of channel ", c, " must be finite, got ",
          p.mean[c]);
    check(std::isfinite(p.deviation[c]) && p.deviation[c] != 0, "preprocess: deviation of channel ",
          c, " must be finite and not zero, got ", p.deviation[c]);
  }
}

Image resize_and_crop(const Image& image, const Preprocessing& preprocessing) {
  const Size size = size_with_room_for_crop(image, preprocessing);
  return resize_bilinear_region(image, size.width, size.height,
                                {.x = centre_offset(size.width - preprocessing.crop_width),
                                 .y = centre_offset(size.height - preprocessing.crop_height),
                                 .width = preprocessing.crop_width,
                                 .height = preprocessing.crop_height});
}

Image resize_and_crop(const Image& image, const Preprocessing& preprocessing,
                      const CropChoice& choice) {
  check(choice.across >= 0 && choice.across <= 1 && choice.down >= 0 && choice.down <= 1,
        "preprocess: the fractions of a crop must be 0 to 1, got ", choice.across, " and ",
        choice.down);
  const Size size = size_with_room_for_crop(image, preprocessing);
  Image part = resize_bilinear_region(
      image, size.width, size.height,
      {.x = chosen_offset(size.width - preprocessing.crop_width, choice.across),
       .y = chosen_offset(size.height - preprocessing.crop_height, choice.down),
       .width = preprocessing.crop_width,
       .height = preprocessing.crop_height});
  return choice.mirrored ? mirror(std::move(part)) : part;
}

PictureNumbers picture_numbers(const Preprocessing& preprocessing) {
  return {preprocessing.rescale_factor, preprocessing.mean, preprocessing.deviation,
          preprocessing.blue_first};
}

void to_planes(const Image& image, const Preprocessing& preprocessing, std::span<float> planes) {
  normalise(resize_and_crop(image, preprocessing), preprocessing, planes);
}

void to_planes(const Image& image, const Preprocessing& preprocessing, const CropChoice& choice,
               std::span<float> planes) {
  normalise(resize_and_crop(image, preprocessing, choice), preprocessing, planes);
}

}  // namespace lrcn
