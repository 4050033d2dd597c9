// Bias and ReLU behind sums that a library has computed without them.
#pragma once

#include "core/context.h"
#include "core/tensor.h"

namespace lrcn::cuda {

// y [rows, columns] = act(y + bias), f32 or bf16: bias f32 [columns] or absent, act ReLU or
// nothing.
void add_bias_and_activate(Context& context, Tensor y, Tensor bias, bool relu);

}  // namespace lrcn::cuda
