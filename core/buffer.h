// The only owner of memory.
#pragma once

#include <cstddef>
#include <memory>

#include "core/tensor.h"

namespace lrcn {

// Move-only block of host, pinned or device memory, aligned to at least 64 bytes.
class Buffer {
 public:
  enum class Kind { host, pinned, device };

  Buffer() = default;
  // Zero-filled memory for tensors on `device`. Throws MemoryError with the size asked for.
  static Buffer allocate(Device device, std::size_t bytes);
  // Page-locked host memory for copies that overlap with compute; plain host memory without CUDA.
  static Buffer allocate_pinned(std::size_t bytes);

  std::byte* data() const { return memory_.get(); }
  std::size_t bytes() const { return bytes_; }
  Kind kind() const { return kind_; }
  Device device() const { return device_; }
  explicit operator bool() const { return bytes_ != 0; }

  // A view of the bytes [offset, offset + spec.bytes()). Throws ArgumentError when out of range.
  Tensor view(std::size_t offset, const TensorSpec& spec) const;

 private:
  using Release = void (*)(std::byte*, std::size_t);
  struct Deleter {
    Release release;
    std::size_t bytes;
    void operator()(std::byte* memory) const { release(memory, bytes); }
  };

  Buffer(std::byte* memory, std::size_t bytes, Release release, Kind kind, Device device);

  std::unique_ptr<std::byte, Deleter> memory_;
  std::size_t bytes_ = 0;
  Kind kind_ = Kind::host;
  Device device_;
};

// A buffer together with the one tensor that fills it.
struct OwnedTensor {
  Buffer buffer;
  Tensor tensor;

  OwnedTensor() = default;
  OwnedTensor(Device device, const TensorSpec& spec)
      : buffer(Buffer::allocate(device, spec.bytes())), tensor(buffer.view(0, spec)) {}
};

}  // namespace lrcn
