// Bias and ReLU behind sums that a library has computed without them.
#pragma once

#include "core/context.h"
#include "core/tensor.h"

namespace lrcn::cuda {

// y = act(y + bias), act ReLU or nothing. y: f32 or bf16 [rows, pitch]; bias: f32 [columns] for the
// first columns, the others are left alone, or absent for all columns.
void add_bias_and_activate(Context& context, Tensor y, Tensor bias, bool relu);

}  // namespace lrcn::cuda
