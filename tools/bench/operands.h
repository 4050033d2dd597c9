// Tensors for measurements, and sets of them that are taken in turn.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "core/context.h"

namespace lrcn {

// f32, or rounded to bf16, uniform in [-scale, scale), the same values for the same `which`; 64 Ki
// of them are drawn and repeated. The padding of blocked layouts is zero.
OwnedTensor random_tensor(Context& context, const TensorSpec& spec, float scale,
                          std::uint64_t which);
// Zeros that have been written once, so that their pages are there.
OwnedTensor touched_tensor(Context& context, const TensorSpec& spec);
// u8 [bytes], touched.
OwnedTensor touched_bytes(Context& context, std::size_t bytes);

// Bytes of the largest cache that the processors, or the multiprocessors of a GPU, share; all of
// them where the processors have several.
std::size_t last_level_cache(Device device);

// How many sets of `bytes` each it takes that the last-level cache of the device has forgotten a
// set when its turn comes again: at least twice its size. At most 256.
std::size_t rotation_size(Device device, std::size_t bytes);

// Operands of a kernel, once for each turn.
template <class Set>
class Rotation {
 public:
  // make(): a set, of about `bytes` that the kernel reads and writes.
  template <class Make>
  Rotation(Device device, std::size_t bytes, const Make& make) {
    const std::size_t size = rotation_size(device, bytes);
    sets_.reserve(size);
    while (sets_.size() < size) {
      sets_.push_back(make());
    }
  }

  Set& next() {
    turn_ = (turn_ + 1) % sets_.size();
    return sets_[turn_];
  }

 private:
  std::vector<Set> sets_;
  std::size_t turn_ = 0;
};

}  // namespace lrcn
