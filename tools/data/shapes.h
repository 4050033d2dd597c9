// Scenes of coloured shapes with captions: a picture set on which a captioner can be trained and
// judged exactly, because every caption follows from the scene.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/rng.h"
#include "tools/data/image.h"

namespace lrcn {

inline constexpr int kShapesSide = 64;  // pictures are 64x64 pixels

enum class ShapeKind { circle, square, triangle, cross };
enum class ShapeColour { red, green, blue, yellow, purple, white };
enum class ShapeSize { small, large };

struct Shape2d {
  ShapeKind kind = ShapeKind::circle;
  ShapeColour colour = ShapeColour::red;
  ShapeSize size = ShapeSize::small;
};

// One to three shapes. A single one stands in a place of a 3x3 grid; two and three stand in a row
// or a column, in the order of `shapes`.
struct ShapeScene {
  enum class Axis { row, column };  // left to right, top to bottom

  std::vector<Shape2d> shapes;
  int place = 4;          // of a single shape: 0 top left ... 8 bottom right
  Axis axis = Axis::row;  // of two or three

  // The same for scenes that differ only in what no caption says (exact positions, shades).
  std::uint64_t combination() const;
};

// Scene number `index` of the data set with that seed.
ShapeScene draw_scene(std::uint64_t seed, std::uint64_t index);

// The five captions of a scene, each of which says all there is to say.
std::vector<std::string> captions_of(const ShapeScene& scene);

// The picture of a scene, with edges smoothed by 4x4 samples a pixel; positions, shades and noise
// vary with (seed, index).
Image render(const ShapeScene& scene, std::uint64_t seed, std::uint64_t index);

}  // namespace lrcn
