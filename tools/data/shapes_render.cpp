// Drawing of scenes (shapes.h).
#include <algorithm>
#include <array>
#include <cmath>

#include "tools/data/shapes.h"

namespace lrcn {
namespace {

struct Placed {
  Shape2d shape;
  float x = 0;  // centre, pixels
  float y = 0;
  float radius = 0;
  std::array<float, 3> colour{};  // 0 to 255
};

constexpr std::array<std::array<float, 3>, 6> kPaint = {
    {{210, 40, 40}, {40, 170, 60}, {50, 80, 220}, {225, 205, 40}, {150, 50, 180}, {235, 235, 235}}};

// Whether the point (dx, dy) from the centre, in units of the radius, is inside.
bool covers(ShapeKind kind, float dx, float dy) {
  switch (kind) {
    case ShapeKind::circle:
      return dx * dx + dy * dy <= 1.0f;
    case ShapeKind::square:
      return std::max(std::abs(dx), std::abs(dy)) <= 0.88f;
    case ShapeKind::triangle:  // upright; widest at the bottom
      return dy >= -1.0f && dy <= 0.8f && std::abs(dx) <= (dy + 1.0f) * 0.58f;
    case ShapeKind::cross:
      return std::min(std::abs(dx), std::abs(dy)) <= 0.34f &&
             std::max(std::abs(dx), std::abs(dy)) <= 1.0f;
  }
  return false;
}

// Varies with the picture but is the same in every run.
class Variation {
 public:
  Variation(std::uint64_t seed, std::uint64_t index)
      : random_(seed, Purpose::generate, 2), index_(index) {}
  float between(float low, float high) {
    return low + (high - low) * random_.uniform(index_, draws_++);
  }

 private:
  Random random_;
  std::uint64_t index_;
  std::uint64_t draws_ = 0;
};

std::vector<Placed> place(const ShapeScene& scene, Variation& vary) {
  const float side = float(kShapesSide);
  const float count = float(scene.shapes.size());
  const float row_offset = vary.between(-8.0f, 8.0f);
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < scene.shapes.size(); ++i) {
    Placed next;
    next.shape = scene.shapes[i];
    next.radius =
        next.shape.size == ShapeSize::small ? vary.between(4.6f, 5.6f) : vary.between(8.2f, 9.4f);
    if (scene.shapes.size() == 1) {
      next.x = (float(scene.place % 3) + 0.5f) * side / 3.0f + vary.between(-1.5f, 1.5f);
      next.y = (float(scene.place / 3) + 0.5f) * side / 3.0f + vary.between(-1.5f, 1.5f);
    } else {
      const float along = (float(i) + 0.5f) * side / count + vary.between(-1.0f, 1.0f);
      const float across = side / 2.0f + row_offset + vary.between(-2.0f, 2.0f);
      const bool row = scene.axis == ShapeScene::Axis::row;
      next.x = row ? along : across;
      next.y = row ? across : along;
    }
    const auto& paint = kPaint[std::size_t(next.shape.colour)];
    const float shade = vary.between(0.85f, 1.08f);
    for (std::size_t c = 0; c < 3; ++c) {
      next.colour[c] = std::clamp(paint[c] * shade + vary.between(-8.0f, 8.0f), 0.0f, 255.0f);
    }
    placed.push_back(next);
  }
  return placed;
}

// The part of the pixel that the shape covers, from 4x4 samples.
float coverage(const Placed& placed, int px, int py) {
  constexpr int kSamples = 4;
  int inside = 0;
  for (int sy = 0; sy < kSamples; ++sy) {
    for (int sx = 0; sx < kSamples; ++sx) {
      const float x = float(px) + (float(sx) + 0.5f) / kSamples;
      const float y = float(py) + (float(sy) + 0.5f) / kSamples;
      inside +=
          covers(placed.shape.kind, (x - placed.x) / placed.radius, (y - placed.y) / placed.radius)
              ? 1
              : 0;
    }
  }
  return float(inside) / (kSamples * kSamples);
}

}  // namespace

Image render(const ShapeScene& scene, std::uint64_t seed, std::uint64_t index) {
  Variation vary(seed, index);
  const std::array<float, 3> background = {vary.between(20.0f, 70.0f), vary.between(20.0f, 70.0f),
                                           vary.between(20.0f, 70.0f)};
  const std::vector<Placed> placed = place(scene, vary);
  Image image{kShapesSide, kShapesSide, {}};
  image.pixels.resize(std::size_t(kShapesSide) * kShapesSide * 3);
  std::size_t at = 0;
  for (int y = 0; y < kShapesSide; ++y) {
    for (int x = 0; x < kShapesSide; ++x) {
      std::array<float, 3> pixel = background;
      for (const Placed& each : placed) {
        const float part = coverage(each, x, y);
        for (std::size_t c = 0; c < 3; ++c) {
          pixel[c] += part * (each.colour[c] - pixel[c]);
        }
      }
      const float noise = vary.between(-6.0f, 6.0f);
      for (std::size_t c = 0; c < 3; ++c) {
        image.pixels[at++] =
            static_cast<std::uint8_t>(std::lround(std::clamp(pixel[c] + noise, 0.0f, 255.0f)));
      }
    }
  }
  return image;
}

}  // namespace lrcn
