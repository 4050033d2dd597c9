// The shapes data set on disk, in COCO's format.
#pragma once

#include <cstdint>
#include <filesystem>

namespace lrcn {

struct ShapesOptions {
  std::int64_t train = 10000;  // pictures
  std::int64_t val = 300;
  std::int64_t test = 500;
  std::uint64_t seed = 1;
};

struct ShapesSummary {
  std::int64_t pictures = 0;
  std::int64_t combinations = 0;  // distinct scenes in the training part
};

// Writes folder/{train,val,test}/000000.png ... and folder/captions_{train,val,test}.json. A
// combination of shapes, attributes and places belongs to one part alone: what val and test show
// was never seen in training. The files depend on the options only. Throws ArgumentError for
// negative numbers or no training pictures, IoError.
ShapesSummary write_shapes(const std::filesystem::path& folder, const ShapesOptions& options);

}  // namespace lrcn
