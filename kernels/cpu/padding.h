// Tensors as flat memory, and the zero padding of blocked layouts.
#pragma once

#include "core/tensor.h"

namespace lrcn::cpu {

// Elements in memory, padding included. x: f32.
inline std::int64_t memory_elements(const Tensor& x) {
  return std::int64_t(x.bytes() / sizeof(float));
}

// Writes zeros to the channels that pad the last block; nothing for other layouts. x: f32.
void clear_padding(Tensor x);

}  // namespace lrcn::cpu
