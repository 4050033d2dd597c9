#include "tools/eval/ptb_rules.h"

#include "tools/data/code_points.h"

namespace lrcn::ptb {

bool is_letter(char32_t c) {
  if (c < 0x80) {
    return is_ascii_letter(c);
  }
  // Superscript digits and fractions are words to the tables, but not letters.
  const bool digit = c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0xBC && c <= 0xBE) ||
                     (c >= 0x2070 && c <= 0x218F);
  return !digit && is_word(c);
}

std::size_t acronym_length(Text text, std::size_t at, std::size_t letters) {
  std::size_t end = at;
  while (is_ascii_letter(char_at(text, end)) && char_at(text, end + 1) == '.') {
    end += 2;
  }
  return (end - at) / 2 >= letters ? end - at : 0;
}

bool has(Text text, std::size_t at, std::string_view ascii) {
  for (std::size_t i = 0; i < ascii.size(); ++i) {
    const char32_t c = char_at(text, at + i);
    const bool same =
        ascii[i] == '\'' ? is_apostrophe(c) : to_lower(c) == static_cast<unsigned char>(ascii[i]);
    if (!same) {
      return false;
    }
  }
  return true;
}

}  // namespace lrcn::ptb
