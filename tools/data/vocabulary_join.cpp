// Tokens back to text.
#include <cstddef>

#include "tools/data/vocabulary.h"

namespace lrcn {
namespace {

bool is_one_of(char c, std::string_view set) { return set.find(c) != set.npos; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether tokens[i] is , . or : between digits.
bool inside_number(std::span<const std::string> tokens, std::size_t i) {
  const auto digit_at = [&](std::size_t token, bool front) {
    return !tokens[token].empty() && is_digit(front ? tokens[token].front() : tokens[token].back());
  };
  return tokens[i].size() == 1 && is_one_of(tokens[i][0], ",.:") && i > 0 &&
         i + 1 < tokens.size() && digit_at(i - 1, false) && digit_at(i + 1, true);
}

}  // namespace

std::string join_tokens(std::span<const std::string> tokens) {
  std::string text;
  bool glued = true;  // no blank before the next character
  bool quoted = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    bool gap = true;  // between tokens, and at a blank inside of one
    for (const char c : tokens[i]) {
      if (c == ' ') {
        gap = true;
        continue;
      }
      const bool quotation = c == '"';
      if (gap && !glued && !is_one_of(c, ",.!?;:%)]}'-/") && !(quotation && quoted)) {
        text += ' ';
      }
      text += c;
      gap = false;
      glued = is_one_of(c, "([{$#'-/") || (quotation && !quoted);
      quoted = quoted != quotation;
    }
    glued = glued || inside_number(tokens, i);
  }
  return text;
}

}  // namespace lrcn
