#include "core/precision.h"

#include <array>
#include <ostream>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::array<std::string_view, 3> kNames{"f32", "tf32", "bf16"};

}  // namespace

Precision parse_precision(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) {
      return Precision(i);
    }
  }
  fail<ArgumentError>("precision: expected f32, tf32 or bf16, got '", text, "'");
}

std::ostream& operator<<(std::ostream& out, Precision precision) {
  return out << kNames.at(std::size_t(precision));
}

}  // namespace lrcn
