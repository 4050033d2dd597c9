// A few parameters with gradients written by hand.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/rng.h"
#include "layers/graph/param_store.h"

namespace lrcn::test {

// Trainable "a" [3, 11], "b" [1] (rate x2, no decay), "c" [17] with the multipliers of "a", and the
// frozen "fixed" [5].
inline ParamStore small_store() {
  ParamStore params(Device::cpu(), 5);
  params.freeze("fix*");
  params.declare("a", {3, 11}, Initializer::uniform(1.0f), {});
  params.declare("fixed", {5}, Initializer::uniform(1.0f), {});
  params.declare("b", {1}, Initializer::uniform(1.0f), {.lr_mult = 2.0f, .decay_mult = 0.0f});
  params.declare("c", {17}, Initializer::uniform(1.0f), {});
  params.allocate(true);
  return params;
}

inline std::vector<float> values_of(const Tensor& tensor) {
  const auto values = tensor.span<float>();
  return {values.begin(), values.end()};
}

inline Tensor value_of(const ParamStore& params, const std::string& name) {
  return params.value(params.find(name));
}

inline Tensor gradient_of(const ParamStore& params, const std::string& name) {
  return params.gradient(params.find(name));
}

// Writes values in [-size, size) that depend on `round` and the parameter.
inline void fill_gradients(const ParamStore& params, std::uint64_t round, float size) {
  const Random random(11, Purpose::generate);
  for (std::size_t i = 0; i < params.entries().size(); ++i) {
    if (params.is_frozen(int(i))) {
      continue;
    }
    const auto gradient = params.gradient(int(i)).span<float>();
    for (std::size_t j = 0; j < gradient.size(); ++j) {
      gradient[j] = size * (2.0f * random.uniform(round, 1000 * i + j) - 1.0f);
    }
  }
}

}  // namespace lrcn::test
