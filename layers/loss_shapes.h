// Inputs and outputs that the losses have in common.
#pragma once

#include <vector>

#include "layers/planner.h"

namespace lrcn {

struct LossShapes {
  Shape rows;  // leading extents of input 0, for example [T, N]
  std::int64_t row_count = 0;
  std::int64_t features = 0;        // last extent of input 0
  std::vector<TensorSpec> outputs;  // loss f32 [], tally f32 [2], nll f32 [rows...]
};

// Throws ArgumentError unless input 0 is f32 or bf16 [rows..., features >= 1] and input 1 the
// targets, i32 [rows...]. `name` is that of input 0 in messages.
LossShapes loss_shapes(const Planner& planner, const char* name);

}  // namespace lrcn
