// How a kernel divides a block of bytes that its caller holds.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/tensor.h"

namespace lrcn {

// Offsets into a block of bytes, each a multiple of 64.
class Partition {
 public:
  std::size_t add(std::size_t bytes) {
    const std::size_t offset = bytes_;
    bytes_ += (bytes + 63) / 64 * 64;
    return offset;
  }
  template <class T>
  std::size_t add_elements(std::int64_t count) {
    return add(std::size_t(count) * sizeof(T));
  }
  std::size_t add_floats(std::int64_t count) { return add_elements<float>(count); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

template <class T>
T* elements_at(const Tensor& block, std::size_t offset) {
  return reinterpret_cast<T*>(static_cast<std::byte*>(block.data) + offset);
}
inline float* floats_at(const Tensor& block, std::size_t offset) {
  return elements_at<float>(block, offset);
}

// `bytes` bytes of a block.
inline Tensor bytes_at(const Tensor& block, std::size_t offset, std::size_t bytes) {
  return {static_cast<std::byte*>(block.data) + offset,
          {Shape{std::int64_t(bytes)}, DType::u8},
          block.device};
}

// [rows, columns] of T
template <class T>
Tensor matrix_at(const T* data, std::int64_t rows, std::int64_t columns, Device device) {
  return {const_cast<T*>(data), {Shape{rows, columns}, dtype_of<T>}, device};
}

}  // namespace lrcn
