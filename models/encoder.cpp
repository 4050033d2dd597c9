#include "models/encoder.h"

#include <algorithm>

#include "core/error.h"
#include "models/caffenet.h"

namespace lrcn {
namespace {

FeatureLayer feature_layer(const std::string& name) {
  check(name == "fc6" || name == "fc7" || name == "fc8",
        "encoder: feature must be fc6, fc7 or fc8, got '", name, "'");
  return name == "fc6" ? FeatureLayer::fc6
                       : (name == "fc7" ? FeatureLayer::fc7 : FeatureLayer::fc8);
}

}  // namespace

const std::vector<std::string>& encoder_architectures() {
  static const std::vector<std::string> names = {"vgg11",    "vgg13",   "vgg16",   "vgg19",
                                                 "caffenet", "alexnet", "vgg_mini"};
  return names;
}

Value add_encoder(Graph& graph, const std::string& path, Value images,
                  const EncoderConfig& config) {
  if (config.architecture == "vgg_mini") {
    return add_vgg_mini(graph, path, images, config.mini);
  }
  const FeatureLayer feature = feature_layer(config.feature);
  if (config.architecture == "caffenet") {
    return add_caffenet(graph, path, images, {.feature = feature, .dropout = config.dropout});
  }
  if (config.architecture == "alexnet") {
    return add_alexnet(graph, path, images, {.feature = feature, .dropout = config.dropout});
  }
  for (const int depth : {11, 13, 16, 19}) {
    if (config.architecture == concat("vgg", depth)) {
      return add_vgg(graph, path, images,
                     {.depth = depth, .feature = feature, .dropout = config.dropout});
    }
  }
  fail<ArgumentError>("encoder: unknown architecture '", config.architecture,
                      "'; known are vgg11, vgg13, vgg16, vgg19, caffenet, alexnet, vgg_mini");
}

Json EncoderConfig::to_json() const {
  Json json = Json::object({{"architecture", architecture}, {"image_size", image_size}});
  if (architecture == "vgg_mini") {
    json.set("width", mini.width).set("hidden", mini.hidden).set("features", mini.features);
  } else {
    json.set("feature", feature).set("dropout", double(dropout));
  }
  return json;
}

EncoderConfig EncoderConfig::from_json(const Json& json) {
  constexpr std::int64_t kMaxFeatures = 1 << 20;
  EncoderConfig config;
  const Json name = json.at("architecture");
  config.architecture = name.as_string();
  const auto& known = encoder_architectures();
  if (std::find(known.begin(), known.end(), config.architecture) == known.end()) {
    name.reject(concat("unknown architecture '", config.architecture, "'"));
  }
  config.image_size = json.at("image_size").as_int(32, 4096);
  if (config.architecture == "vgg_mini") {
    config.mini.width = json.at("width").as_int(1, 4096);
    config.mini.hidden = json.at("hidden").as_int(1, kMaxFeatures);
    config.mini.features = json.at("features").as_int(1, kMaxFeatures);
    return config;
  }
  const Json feature = json.at("feature");
  config.feature = feature.as_string();
  if (config.feature != "fc6" && config.feature != "fc7" && config.feature != "fc8") {
    feature.reject("expected fc6, fc7 or fc8");
  }
  config.dropout = float(json.at("dropout").as_double(0.0, 0.999));
  return config;
}

bool operator==(const EncoderConfig& a, const EncoderConfig& b) {
  return a.to_json().dump() == b.to_json().dump();
}

}  // namespace lrcn
