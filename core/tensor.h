// A typed view of memory that somebody else owns.
#pragma once

#include <cstddef>
#include <span>

#include "core/device.h"
#include "core/error.h"
#include "core/shape.h"

namespace lrcn {

// Passed by value. An empty tensor (data == nullptr) stands for "absent" where a contract allows
// it.
struct Tensor {
  void* data = nullptr;
  TensorSpec spec;
  Device device;

  explicit operator bool() const { return data != nullptr; }
  const Shape& shape() const { return spec.shape; }
  std::int64_t elements() const { return spec.elements(); }
  std::size_t bytes() const { return spec.bytes(); }

  // Pointer to the elements. Throws ArgumentError when T is not the element type.
  template <class T>
  T* as() const {
    check(spec.dtype == dtype_of<T>, "tensor: element type is ", spec.dtype, ", asked for ",
          dtype_of<T>);
    return static_cast<T*>(data);
  }

  // The elements of a host tensor in memory order, padding of blocked layouts included.
  template <class T>
  std::span<T> span() const {
    check(device.is_cpu(), "tensor: span needs host memory, the tensor is on ", device);
    return {as<T>(), bytes() / sizeof(T)};
  }

  // The same memory under another shape of as many elements (plain layout only).
  Tensor reshaped(const Shape& shape) const;
  // Rows [begin, end) of the first axis (plain layout only).
  Tensor rows(std::int64_t begin, std::int64_t end) const;
};

}  // namespace lrcn
