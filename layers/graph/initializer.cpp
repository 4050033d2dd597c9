#include "layers/graph/initializer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/rng.h"

namespace lrcn {
namespace {

// Box-Muller on two words of one block.
float normal_draw(const Random& random, std::uint64_t index) {
  const PhiloxBlock block = random.block(0, index);
  const double radius = std::sqrt(-2.0 * std::log(1.0 - double(Random::to_unit(block.word[0]))));
  return float(radius * std::cos(2.0 * std::numbers::pi * double(Random::to_unit(block.word[1]))));
}

void fill_normal(const Random& random, double deviation, std::span<float> values) {
#pragma omp parallel for schedule(static)
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = float(deviation) * normal_draw(random, i);
  }
}

void fill_uniform(const Random& random, double bound, std::span<float> values) {
#pragma omp parallel for schedule(static)
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = float(bound) * (2.0f * random.uniform(0, i) - 1.0f);
  }
}

}  // namespace

void initialize(const Initializer& initializer, std::uint64_t seed, std::string_view name,
                const Shape& shape, std::span<float> values) {
  const Random random(seed, Purpose::initialize, hash_of(name));
  const double fan_out = shape.rank() > 0 ? double(shape[0]) : 1.0;
  const double fan_in = shape.rank() > 1 ? double(shape.elements(1, shape.rank())) : 1.0;
  const double receptive = shape.rank() > 2 ? double(shape.elements(2, shape.rank())) : 1.0;
  switch (initializer.kind) {
    case Initializer::Kind::constant:
      std::fill(values.begin(), values.end(), initializer.value);
      return;
    case Initializer::Kind::uniform:
      return fill_uniform(random, initializer.value, values);
    case Initializer::Kind::normal:
      return fill_normal(random, initializer.value, values);
    case Initializer::Kind::kaiming:
      return fill_normal(random, std::sqrt(2.0 / fan_in), values);
    case Initializer::Kind::xavier:
      return fill_uniform(random, std::sqrt(6.0 / (fan_in + fan_out * receptive)), values);
    case Initializer::Kind::forget_gate: {
      std::fill(values.begin(), values.end(), 0.0f);
      const std::size_t units = values.size() / 4;
      std::fill_n(values.begin() + std::ptrdiff_t(units), units, initializer.value);
      return;
    }
  }
}

}  // namespace lrcn
