// Element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace lrcn {

enum class DType : std::uint8_t { f32, bf16, i32, u8 };

// Size of one element in bytes.
constexpr std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::bf16:
      return 2;
    case DType::u8:
      return 1;
  }
  return 0;
}

// Real numbers: the types of activations and parameters.
constexpr bool is_real(DType dtype) { return dtype == DType::f32 || dtype == DType::bf16; }

std::string_view name_of(DType dtype);
std::ostream& operator<<(std::ostream& out, DType dtype);

// The 16 upper bits of an f32, as stored in bf16 tensors.
struct BFloat16 {
  std::uint16_t bits = 0;
};

// Rounds to nearest even; NaN stays NaN.
BFloat16 to_bfloat16(float value);
float to_float(BFloat16 value);

template <class T>
inline constexpr DType dtype_of = [] {
  static_assert(sizeof(T) == 0, "no DType for this C++ type");
  return DType::f32;
}();
template <>
inline constexpr DType dtype_of<float> = DType::f32;
template <>
inline constexpr DType dtype_of<BFloat16> = DType::bf16;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::i32;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::u8;

}  // namespace lrcn
