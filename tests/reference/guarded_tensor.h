// Tensors whose surroundings tell when somebody wrote outside of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "core/buffer.h"
#include "core/transfer.h"

namespace lrcn::test {

// A tensor between two canaries. Floats start as NaN, so that what was not written shows.
class GuardedTensor {
 public:
  explicit GuardedTensor(const TensorSpec& spec, Device device = Device::cpu())
      : buffer_(Buffer::allocate(device, kCanary + round_up(spec.bytes()) + kCanary)),
        tensor_(buffer_.view(kCanary, spec)) {
    std::vector<std::uint8_t> bytes(buffer_.bytes(), kPattern);
    if (spec.dtype == DType::f32) {
      constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
      for (std::size_t i = 0; i < spec.bytes(); i += sizeof(float)) {
        std::memcpy(bytes.data() + kCanary + i, &kNaN, sizeof(float));
      }
    } else if (spec.dtype == DType::bf16) {
      std::memset(bytes.data() + kCanary, 0xff, spec.bytes());
    }
    upload(whole(), bytes.data());
  }
  // Untyped memory of so many bytes.
  explicit GuardedTensor(std::size_t bytes, Device device = Device::cpu())
      : GuardedTensor(TensorSpec{{std::int64_t(bytes)}, DType::u8}, device) {}

  operator Tensor() const { return tensor_; }
  const Tensor& tensor() const { return tensor_; }
  // Of a tensor on the CPU.
  std::span<float> values() const { return tensor_.span<float>(); }

  // Waits for the work of a device.
  bool intact() const {
    std::vector<std::uint8_t> bytes(buffer_.bytes());
    download(bytes.data(), whole());
    const auto untouched = [](std::uint8_t byte) { return byte == kPattern; };
    const auto end = bytes.begin() + std::ptrdiff_t(kCanary + tensor_.bytes());
    return std::all_of(bytes.begin(), bytes.begin() + kCanary, untouched) &&
           std::all_of(end, bytes.end(), untouched);
  }

 private:
  static constexpr std::size_t kCanary = 4096;
  static constexpr std::uint8_t kPattern = 0xA5;

  static std::size_t round_up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

  Tensor whole() const { return buffer_.view(0, {{std::int64_t(buffer_.bytes())}, DType::u8}); }

  Buffer buffer_;
  Tensor tensor_;
};

}  // namespace lrcn::test
