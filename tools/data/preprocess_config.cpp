#include "tools/data/preprocess_config.h"

#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::int64_t kBilinear = 2;  // PIL.Image.BILINEAR
constexpr std::int64_t kMaxSide = 8192;

int side(const Json& object, std::string_view key) {
  return int(object.at(key).as_int(1, kMaxSide));
}

std::array<float, 3> channels(const Json& list) {
  if (list.size() != 3) {
    list.reject("expected three numbers, one for each channel");
  }
  std::array<float, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = float(list[i].as_double());
  }
  return values;
}

Json channels(const std::array<float, 3>& values) {
  return Json::array({double(values[0]), double(values[1]), double(values[2])});
}

void expect_step(const Json& json, std::string_view key) {
  const Json step = json.at(key);
  if (!step.as_bool()) {
    step.reject("expected true: pictures cannot be prepared without this step");
  }
}

}  // namespace

Json to_json(const Preprocessing& preprocessing) {
  Json json = Json::object({{"image_processor_type", "LrcnImageProcessor"},
                            {"do_resize", preprocessing.resize != ResizeMode::none}});
  if (preprocessing.resize == ResizeMode::shortest_edge) {
    json.set("size", Json::object({{"shortest_edge", preprocessing.shortest_edge}}));
  } else if (preprocessing.resize == ResizeMode::exact) {
    json.set("size", Json::object({{"height", preprocessing.resize_height},
                                   {"width", preprocessing.resize_width}}));
  }
  json.set("resample", kBilinear)
      .set("do_center_crop", true)
      .set("crop_size", Json::object({{"height", preprocessing.crop_height},
                                      {"width", preprocessing.crop_width}}))
      .set("do_rescale", true)
      .set("rescale_factor", preprocessing.rescale_factor)
      .set("do_normalize", true)
      .set("image_mean", channels(preprocessing.mean))
      .set("image_std", channels(preprocessing.deviation))
      .set("do_flip_channel_order", preprocessing.blue_first);
  return json;
}

Preprocessing preprocessing_from(const Json& json) {
  Preprocessing preprocessing;
  preprocessing.resize = ResizeMode::none;
  if (json.at("do_resize").as_bool()) {
    const Json size = json.at("size");
    if (size.has("shortest_edge")) {
      preprocessing.resize = ResizeMode::shortest_edge;
      preprocessing.shortest_edge = side(size, "shortest_edge");
    } else {
      preprocessing.resize = ResizeMode::exact;
      preprocessing.resize_height = side(size, "height");
      preprocessing.resize_width = side(size, "width");
    }
    const Json resample = json.at("resample");
    if (resample.as_int() != kBilinear) {
      resample.reject(concat("expected ", kBilinear, " (bilinear), got ", resample.as_int()));
    }
  }
  for (const char* step : {"do_center_crop", "do_rescale", "do_normalize"}) {
    expect_step(json, step);
  }
  const Json crop = json.at("crop_size");
  preprocessing.crop_height = side(crop, "height");
  preprocessing.crop_width = side(crop, "width");
  preprocessing.rescale_factor = json.at("rescale_factor").as_double();
  preprocessing.mean = channels(json.at("image_mean"));
  preprocessing.deviation = channels(json.at("image_std"));
  preprocessing.blue_first = json.at("do_flip_channel_order").as_bool();
  try {
    check_preprocessing(preprocessing);
  } catch (const ArgumentError& error) {
    json.reject(error.what());
  }
  return preprocessing;
}

}  // namespace lrcn
