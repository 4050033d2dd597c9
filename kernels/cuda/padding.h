// The zero padding of blocked layouts.
#pragma once

#include "core/context.h"
#include "core/tensor.h"

namespace lrcn::cuda {

// Writes zeros to the channels that pad the last block; nothing for other layouts. x: f32 or bf16.
void clear_padding(Context& context, const Tensor& x);

}  // namespace lrcn::cuda
