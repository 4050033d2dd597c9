// What follows the sums of a convolution where they were computed without it.
#pragma once

#include <cstdint>

#include "core/context.h"

namespace lrcn::cuda {

// y [rows, columns] = act(y + bias): bias [columns] or nullptr, act ReLU or nothing.
struct BiasActivation {
  float* y;
  const float* bias;
  bool relu;
  std::int64_t rows;
  std::int64_t columns;
};
void add_bias_and_activate(Context& context, const BiasActivation& arguments);

}  // namespace lrcn::cuda
