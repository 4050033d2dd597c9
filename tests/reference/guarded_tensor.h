// Tensors whose surroundings tell when somebody wrote outside of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/buffer.h"

namespace lrcn::test {

// A host tensor between two canaries. Floats start as NaN, so that what was not written shows.
class GuardedTensor {
 public:
  explicit GuardedTensor(const TensorSpec& spec)
      : buffer_(Buffer::allocate(Device::cpu(), kCanary + round_up(spec.bytes()) + kCanary)),
        tensor_(buffer_.view(kCanary, spec)) {
    std::memset(buffer_.data(), kPattern, buffer_.bytes());
    if (spec.dtype == DType::f32) {
      std::ranges::fill(tensor_.span<float>(), std::numeric_limits<float>::quiet_NaN());
    }
  }
  // Untyped memory of so many bytes.
  explicit GuardedTensor(std::size_t bytes)
      : GuardedTensor(TensorSpec{{std::int64_t(bytes)}, DType::u8}) {}

  operator Tensor() const { return tensor_; }
  const Tensor& tensor() const { return tensor_; }
  std::span<float> values() const { return tensor_.span<float>(); }

  bool intact() const {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(buffer_.data());
    const auto* data = static_cast<const std::uint8_t*>(tensor_.data);
    const auto untouched = [](std::uint8_t byte) { return byte == kPattern; };
    return std::all_of(begin, data, untouched) &&
           std::all_of(data + tensor_.bytes(), begin + buffer_.bytes(), untouched);
  }

 private:
  static constexpr std::size_t kCanary = 4096;
  static constexpr std::uint8_t kPattern = 0xA5;

  static std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

  Buffer buffer_;
  Tensor tensor_;
};

}  // namespace lrcn::test
