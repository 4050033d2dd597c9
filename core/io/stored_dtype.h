// Element types of tensors in safetensors files, of which DType knows some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <string_view>

#include "core/dtype.h"

namespace lrcn {

// In the order of the format's reference implementation: by growing alignment. Writers put tensors
// in the reverse order.
enum class StoredDType : std::uint8_t {
  BOOL,
  F4,
  F6_E2M3,
  F6_E3M2,
  U8,
  I8,
  F8_E5M2,
  F8_E4M3,
  F8_E8M0,
  F8_E4M3FNUZ,
  F8_E5M2FNUZ,
  I16,
  U16,
  F16,
  BF16,
  I32,
  U32,
  F32,
  C64,
  F64,
  I64,
  U64,
};

// Size of one element; F4 and the F6 types are packed without gaps.
std::size_t bits_of(StoredDType dtype);
// As in the file: "BF16".
std::string_view name_of(StoredDType dtype);
std::ostream& operator<<(std::ostream& out, StoredDType dtype);
std::optional<StoredDType> parse_stored_dtype(std::string_view name);

// The type of the same bits in memory, where there is one: F32, BF16, I32, U8.
std::optional<DType> to_dtype(StoredDType dtype);
StoredDType to_stored(DType dtype);

// Bytes of a dense tensor; nothing when an extent is negative, the product exceeds 63 bits or the
// elements do not fill whole bytes.
std::optional<std::size_t> bytes_of(StoredDType dtype, std::span<const std::int64_t> shape);

}  // namespace lrcn
