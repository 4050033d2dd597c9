// Slots of a frame by the index that the planner gave.
#pragma once

#include "layers/layer.h"

namespace lrcn {

// Bytes that a kernel asked for and alone understands.
inline TensorSpec bytes_spec(std::size_t bytes) { return {{std::int64_t(bytes)}, DType::u8}; }

// The slot, or an empty tensor for an index of -1 (nothing was declared).
inline Tensor slot_of(const Frame& frame, int index) {
  return index < 0 ? Tensor{} : frame.slots[std::size_t(index)];
}

}  // namespace lrcn
