#include "core/io/stored_dtype.h"

#include <array>
#include <ostream>

namespace lrcn {
namespace {

struct Row {
  std::string_view name;
  std::size_t bits;
};

constexpr std::array<Row, 22> kRows = {{
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
}};
static_assert(kRows.size() == std::size_t(StoredDType::U64) + 1);

}  // namespace

std::size_t bits_of(StoredDType dtype) { return kRows[std::size_t(dtype)].bits; }

std::string_view name_of(StoredDType dtype) { return kRows[std::size_t(dtype)].name; }

std::ostream& operator<<(std::ostream& out, StoredDType dtype) { return out << name_of(dtype); }

std::optional<StoredDType> parse_stored_dtype(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) {
      return StoredDType(i);
    }
  }
  return std::nullopt;
}

std::optional<DType> to_dtype(StoredDType dtype) {
  switch (dtype) {
    case StoredDType::F32:
      return DType::f32;
    case StoredDType::BF16:
      return DType::bf16;
    case StoredDType::I32:
      return DType::i32;
    case StoredDType::U8:
      return DType::u8;
    default:
      return std::nullopt;
  }
}

StoredDType to_stored(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return StoredDType::F32;
    case DType::bf16:
      return StoredDType::BF16;
    case DType::i32:
      return StoredDType::I32;
    case DType::u8:
      break;
  }
  return StoredDType::U8;
}

std::optional<std::size_t> bytes_of(StoredDType dtype, std::span<const std::int64_t> shape) {
  std::int64_t bits = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bits, extent, &bits)) {
      return std::nullopt;
    }
  }
  if (__builtin_mul_overflow(bits, std::int64_t(bits_of(dtype)), &bits) || bits % 8 != 0) {
    return std::nullopt;
  }
  return std::size_t(bits / 8);
}

}  // namespace lrcn
