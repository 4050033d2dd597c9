#include "tools/data/shapes.h"

#include <array>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::array<const char*, 4> kKinds = {"circle", "square", "triangle", "cross"};
constexpr std::array<const char*, 6> kColours = {"red",    "green",  "blue",
                                                 "yellow", "purple", "white"};
constexpr std::array<const char*, 2> kSizes = {"small", "large"};
constexpr std::array<const char*, 9> kPlaces = {"top left",    "top",    "top right",
                                                "left",        "middle", "right",
                                                "bottom left", "bottom", "bottom right"};

std::string name_of(const Shape2d& shape) {
  return concat("a ", kSizes[std::size_t(shape.size)], ' ', kColours[std::size_t(shape.colour)],
                ' ', kKinds[std::size_t(shape.kind)]);
}

std::vector<std::string> captions_of_one(const ShapeScene& scene) {
  const Shape2d& shape = scene.shapes[0];
  const std::string a = name_of(shape);
  const std::string place = kPlaces[std::size_t(scene.place)];
  return {concat(a, " in the ", place), concat("there is ", a, " in the ", place),
          concat("in the ", place, " is ", a), concat("the ", place, " shows ", a),
          concat("a ", kColours[std::size_t(shape.colour)], ' ', kKinds[std::size_t(shape.kind)],
                 ", ", kSizes[std::size_t(shape.size)], ", in the ", place)};
}

std::vector<std::string> captions_of_two(const ShapeScene& scene) {
  const bool row = scene.axis == ShapeScene::Axis::row;
  const std::string before = row ? "left of" : "above";
  const std::string behind = row ? "right of" : "below";
  const std::string a = name_of(scene.shapes[0]);
  const std::string b = name_of(scene.shapes[1]);
  return {concat(a, ' ', before, ' ', b), concat("there is ", a, ' ', before, ' ', b),
          concat(b, ' ', behind, ' ', a), concat(a, " is ", before, ' ', b),
          concat(before, ' ', b, " is ", a)};
}

std::vector<std::string> captions_of_three(const ShapeScene& scene) {
  const bool row = scene.axis == ShapeScene::Axis::row;
  const std::string first = row ? "left" : "top";
  const std::string last = row ? "right" : "bottom";
  const std::string a = name_of(scene.shapes[0]);
  const std::string b = name_of(scene.shapes[1]);
  const std::string c = name_of(scene.shapes[2]);
  const std::string forward = concat(a, ", ", b, " and ", c);
  const std::string direction = concat("from ", first, " to ", last);
  return {concat(forward, ' ', direction), concat(direction, ' ', forward),
          concat("there are ", forward, ' ', direction),
          concat(c, ", ", b, " and ", a, " from ", last, " to ", first),
          concat(b, " between ", a, " at the ", first, " and ", c, " at the ", last)};
}

}  // namespace

std::uint64_t ShapeScene::combination() const {
  std::uint64_t key = shapes.size();
  key = key * 16 + (shapes.size() == 1 ? std::uint64_t(place) : std::uint64_t(axis));
  for (const Shape2d& shape : shapes) {
    key = ((key * 8 + std::uint64_t(shape.kind)) * 8 + std::uint64_t(shape.colour)) * 2 +
          std::uint64_t(shape.size);
  }
  return key;
}

ShapeScene draw_scene(std::uint64_t seed, std::uint64_t index) {
  const Random random(seed, Purpose::generate, 1);
  std::uint64_t draws = 0;
  const auto below = [&](std::uint32_t n) { return random.below(n, index, draws++); };
  ShapeScene scene;
  scene.shapes.resize(1 + below(3));
  scene.place = int(below(std::uint32_t(kPlaces.size())));
  scene.axis = below(2) == 0 ? ShapeScene::Axis::row : ShapeScene::Axis::column;
  for (Shape2d& shape : scene.shapes) {
    shape.kind = ShapeKind(below(std::uint32_t(kKinds.size())));
    shape.colour = ShapeColour(below(std::uint32_t(kColours.size())));
    shape.size = ShapeSize(below(std::uint32_t(kSizes.size())));
  }
  return scene;
}

std::vector<std::string> captions_of(const ShapeScene& scene) {
  check(!scene.shapes.empty() && scene.shapes.size() <= 3,
        "shapes: a scene has one to three shapes, got ", scene.shapes.size());
  return scene.shapes.size() == 1
             ? captions_of_one(scene)
             : (scene.shapes.size() == 2 ? captions_of_two(scene) : captions_of_three(scene));
}

}  // namespace lrcn
