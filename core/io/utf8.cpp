#include "core/io/utf8.h"

namespace lrcn {
namespace {

// Length of the sequence that starts with `lead`, and the range of its second byte; length 0 for a
// byte that starts none.
struct Sequence {
  std::size_t length = 0;
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xbf;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) {
    return {.length = 1};
  }
  if (lead >= 0xc2 && lead <= 0xdf) {
    return {.length = 2};
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    return {.length = 3,
            .second_min = static_cast<unsigned char>(lead == 0xe0 ? 0xa0 : 0x80),
            .second_max = static_cast<unsigned char>(lead == 0xed ? 0x9f : 0xbf)};
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    return {.length = 4,
            .second_min = static_cast<unsigned char>(lead == 0xf0 ? 0x90 : 0x80),
            .second_max = static_cast<unsigned char>(lead == 0xf4 ? 0x8f : 0xbf)};
  }
  return {};
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t i = 0;
  while (i < text.size()) {
    if (byte(i) < 0x80) {
      ++i;
      continue;
    }
    const Sequence sequence = sequence_of(byte(i));
    if (sequence.length == 0 || sequence.length > text.size() - i ||
        byte(i + 1) < sequence.second_min || byte(i + 1) > sequence.second_max) {
      return i;
    }
    for (std::size_t k = 2; k < sequence.length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) {
        return i;
      }
    }
    i += sequence.length;
  }
  return std::nullopt;
}

}  // namespace lrcn
