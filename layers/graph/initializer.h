// How a parameter gets its first values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/shape.h"

namespace lrcn {

struct Initializer {
  enum class Kind {
    constant,     // every element `value`
    uniform,      // in [-value, value)
    normal,       // standard deviation `value`
    kaiming,      // normal, std sqrt(2 / fan_in): He et al. 2015, for layers before a ReLU
    xavier,       // uniform in +-sqrt(6 / (fan_in + fan_out)): Glorot and Bengio 2010
    forget_gate,  // second quarter `value`, the rest 0: the bias of an LSTM, gates i, f, g, o
  };

  Kind kind = Kind::constant;
  float value = 0.0f;

  static Initializer constant(float value) { return {Kind::constant, value}; }
  static Initializer uniform(float bound) { return {Kind::uniform, bound}; }
  static Initializer normal(float deviation) { return {Kind::normal, deviation}; }
  static Initializer kaiming() { return {Kind::kaiming, 0.0f}; }
  static Initializer xavier() { return {Kind::xavier, 0.0f}; }
  static Initializer forget_gate(float value) { return {Kind::forget_gate, value}; }
};

// Writes the first values of the parameter `name` of the given shape [out, in, ...]. They depend on
// the seed and the name alone, not on other parameters.
void initialize(const Initializer& initializer, std::uint64_t seed, std::string_view name,
                const Shape& shape, std::span<float> values);

// FNV-1a; gives every parameter and layer its own stream of random numbers.
constexpr std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  return hash;
}

}  // namespace lrcn
