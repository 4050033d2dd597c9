// Image encoders by name.
#pragma once

#include <string>
#include <vector>

#include "core/io/json.h"
#include "layers/graph/graph.h"
#include "models/vgg.h"

namespace lrcn {

struct EncoderConfig {
  std::string architecture = "vgg16";  // vgg11, vgg13, vgg16, vgg19, caffenet, alexnet, vgg_mini
  std::string feature = "fc8";         // fc6, fc7, fc8; not for vgg_mini
  std::int64_t image_size = 224;       // pictures are [3, image_size, image_size]
  float dropout = 0.5f;
  VggMiniOptions mini;  // for vgg_mini alone

  Json to_json() const;
  // Throws DataError for a missing key or a value outside of what is listed above.
  static EncoderConfig from_json(const Json& json);
  friend bool operator==(const EncoderConfig&, const EncoderConfig&);
};

// The names that EncoderConfig::architecture may have.
const std::vector<std::string>& encoder_architectures();

// images: f32 [N, 3, image_size, image_size]. Returns the image feature [N, S].
// Throws ArgumentError for an unknown architecture or feature.
Value add_encoder(Graph& graph, const std::string& path, Value images, const EncoderConfig& config);

}  // namespace lrcn
