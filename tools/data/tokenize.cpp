#include "tools/data/tokenize.h"

#include <utility>

#include "core/error.h"
#include "tools/data/code_points.h"

namespace lrcn {
namespace {

// The run in lower case, without blanks at its ends, and with one blank for several inside.
std::string written(std::u32string_view run) {
  std::string token;
  bool blank = false;
  for (const char32_t c : run) {
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank && !token.empty()) {
      token.push_back(' ');
    }
    blank = false;
    append_utf8(token, to_lower(c));
  }
  return token;
}

}  // namespace

std::vector<std::string> tokenize_caption(std::string_view caption) {
  const std::u32string text = decode_utf8(caption, "tokenize_caption: caption");
  std::vector<std::string> tokens;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin + 1;
    while (end < text.size() && is_word(text[end]) == is_word(text[begin])) {
      ++end;
    }
    std::string token = written(std::u32string_view(text).substr(begin, end - begin));
    if (!token.empty()) {
      tokens.push_back(std::move(token));
    }
    begin = end;
  }
  if (!tokens.empty() && tokens.back() == ".") {
    tokens.pop_back();
  }
  check<DataError>(!tokens.empty(), "tokenize_caption: expected a word, got the caption \"",
                   caption, "\"");
  return tokens;
}

}  // namespace lrcn
