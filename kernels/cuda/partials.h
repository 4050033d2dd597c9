// Memory for what the blocks of a reduction leave to its last kernel.
#pragma once

#include "core/buffer.h"
#include "core/context.h"

namespace lrcn::cuda {

// One for each context: context.handle<Partials>(). An operation may use it until it returns, as
// the kernels of a context run one after the other.
class Partials {
 public:
  static constexpr std::int64_t kMost = 1024;  // values of up to 16 bytes

  explicit Partials(Context& context) : buffer_(Buffer::allocate(context.device(), kMost * 16)) {}

  template <class T>
  T* as() const {
    static_assert(sizeof(T) <= 16);
    return reinterpret_cast<T*>(buffer_.data());
  }

 private:
  Buffer buffer_;
};

}  // namespace lrcn::cuda
