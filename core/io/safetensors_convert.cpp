// Elements of stored tensors as f32.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/dtype.h"
#include "core/error.h"
#include "core/io/safetensors.h"

namespace lrcn {
namespace {

// IEEE 754 binary16: sign, 5 bits of exponent (bias 15), 10 bits of fraction.
float half_to_float(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 0x3ff;
  float magnitude = 0;
  if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(float(fraction), -24);
  } else {
    magnitude = std::ldexp(float(fraction + 1024), exponent - 25);
  }
  return std::copysign(magnitude, (bits & 0x8000) != 0 ? -1.0f : 1.0f);
}

// The bytes may be unaligned, so that every element is copied out.
template <class Stored, class Convert>
void convert(std::span<const std::byte> bytes, std::span<float> out, Convert to_f32) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored element;
    std::memcpy(&element, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = to_f32(element);
  }
}

}  // namespace

void copy_as_f32(const StoredTensor& tensor, std::span<float> out) {
  const std::size_t elements = tensor.bytes.size() * 8 / bits_of(tensor.dtype);
  check(elements == out.size(), "copy_as_f32: \"", tensor.name, "\" has ", elements,
        " elements, got room for ", out.size());
  switch (tensor.dtype) {
    case StoredDType::F32:
      return convert<float>(tensor.bytes, out, [](float x) { return x; });
    case StoredDType::F64:
      return convert<double>(tensor.bytes, out, [](double x) { return float(x); });
    case StoredDType::BF16:
      return convert<BFloat16>(tensor.bytes, out, [](BFloat16 x) { return to_float(x); });
    case StoredDType::F16:
      return convert<std::uint16_t>(tensor.bytes, out, half_to_float);
    default:
      fail<DataError>("copy_as_f32: \"", tensor.name, "\": expected F32, F64, F16 or BF16, got ",
                      tensor.dtype);
  }
}

}  // namespace lrcn
