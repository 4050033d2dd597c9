#include "core/provider.h"

#include <array>
#include <ostream>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::array<std::string_view, 3> kNames{"auto", "own", "cudnn"};

}  // namespace

Provider parse_provider(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) {
      return Provider(i);
    }
  }
  fail<ArgumentError>("provider: expected auto, own or cudnn, got '", text, "'");
}

std::ostream& operator<<(std::ostream& out, Provider provider) {
  return out << kNames.at(std::size_t(provider));
}

}  // namespace lrcn
