// Checks of tensor metadata shared by the backends of all operations.
#pragma once

#include "core/tensor.h"

namespace lrcn {

// Each throws ArgumentError naming the operation, the tensor, what was expected and what was found.

inline void check_dtype(const char* op, const char* name, const Tensor& x, DType dtype) {
  check(x.spec.dtype == dtype, op, ": ", name, " must be ", dtype, ", got ", x.spec);
}

inline void check_spec(const char* op, const char* name, const Tensor& x, const TensorSpec& spec) {
  check(x.spec == spec, op, ": ", name, " must be ", spec, ", got ", x.spec);
}

// A tensor that must hold memory whenever it has elements.
inline void check_present(const char* op, const char* name, const Tensor& x) {
  check(x.data != nullptr || x.bytes() == 0, op, ": ", name, " is absent, expected ", x.spec);
}

// Of the same spec as another tensor of the call, and present.
inline void check_like(const char* op, const char* name, const Tensor& x, const Tensor& other) {
  check_spec(op, name, x, other.spec);
  check_present(op, name, x);
}

// f32 in any layout, present.
inline void check_floats(const char* op, const char* name, const Tensor& x) {
  check_dtype(op, name, x, DType::f32);
  check_present(op, name, x);
}

// f32, or bf16 on a CUDA device.
inline void check_element(const char* op, const char* name, const TensorSpec& spec, Device device) {
  check(is_real(spec.dtype), op, ": ", name, " must be f32 or bf16, got ", spec);
  check(spec.dtype == DType::f32 || device.is_cuda(), op, ": ", name,
        " must be f32 on the CPU, got ", spec);
}

// An activation or the gradient of one: such an element in any layout, present.
inline void check_activation(const char* op, const char* name, const Tensor& x) {
  check_element(op, name, x.spec, x.device);
  check_present(op, name, x);
}

// Plain layout, this type, present.
inline void check_plain(const char* op, const char* name, const Tensor& x, DType dtype) {
  check_dtype(op, name, x, dtype);
  check(x.spec.layout == Layout::plain, op, ": ", name, " must have the plain layout, got ",
        x.spec);
  check_present(op, name, x);
}

// Plain, present and of exactly this shape.
inline void check_plain(const char* op, const char* name, const Tensor& x, DType dtype,
                        const Shape& shape) {
  check_spec(op, name, x, {shape, dtype, Layout::plain});
  check_present(op, name, x);
}

// An activation in the plain layout.
inline void check_plain_activation(const char* op, const char* name, const Tensor& x) {
  check_element(op, name, x.spec, x.device);
  check_plain(op, name, x, x.spec.dtype);
}

// Bytes of scratch, saved or packed memory.
inline void check_bytes(const char* op, const char* name, const Tensor& x, std::size_t bytes) {
  check(x.bytes() >= bytes && (bytes == 0 || x.data != nullptr), op, ": ", name, " needs ", bytes,
        " bytes, got ", x.data == nullptr ? 0 : x.bytes());
}

}  // namespace lrcn
