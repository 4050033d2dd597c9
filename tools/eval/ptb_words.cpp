// Words and compounds of the Penn Treebank conventions.
#include <algorithm>

#include "tools/data/code_points.h"
#include "tools/eval/ptb_rules.h"

namespace lrcn::ptb {
namespace {

// A word, with what a missing blank glued to it: "food.A".
Match word(Text text, std::size_t at) {
  if (!is_letter(text[at])) {
    return {};
  }
  std::size_t end = at + run(text, at, is_alnum);
  while ((char_at(text, end) == '.' || char_at(text, end) == '!' || char_at(text, end) == '?') &&
         is_letter(char_at(text, end + 1))) {
    end += 1 + run(text, end + 1, is_alnum);
  }
  return whole(end - at);
}

// A part of a compound: "d'Or", "O'Brien", "3d".
std::size_t compound_part(Text text, std::size_t at) {
  const char32_t first = to_lower(char_at(text, at));
  if ((first == 'd' || first == 'o' || first == 'l') && is_apostrophe(char_at(text, at + 1))) {
    const std::size_t rest = run(text, at + 2, is_alnum);
    if (rest >= 2) {
      return 2 + rest;
    }
  }
  return run(text, at, is_alnum);
}

// Parts joined by hyphens and underscores: "4x4", "x-ray", "black-and-white", "hors-d'oeuvre".
Match compound(Text text, std::size_t at) {
  std::size_t end = at + compound_part(text, at);
  if (end == at) {
    return {};
  }
  const auto joins = [](char32_t c) { return c == '-' || c == '_' || c == 0x2010 || c == 0x2011; };
  while (joins(char_at(text, end))) {
    const std::size_t part = compound_part(text, end + 1);
    if (part == 0) {
      break;
    }
    end += 1 + part;
  }
  return whole(end - at);
}

// A hyphenated word whose first part has points and commas: "U.S.-based", "1,000-foot".
Match pointed_compound(Text text, std::size_t at) {
  if (!is_alnum(text[at])) {
    return {};
  }
  const auto first = [](char32_t c) { return is_alnum(c) || c == '.' || c == ','; };
  std::size_t end = at + run(text, at, first);
  bool joined = false;
  while (char_at(text, end) == '-') {
    const std::size_t part =
        std::max(run(text, end + 1, is_alnum), acronym_length(text, end + 1, 2));
    if (part == 0) {
      break;
    }
    joined = true;
    end += 1 + part;
  }
  return joined ? whole(end - at) : Match{};
}

bool is_ascii_alnum(char32_t c) { return is_ascii_letter(c) || is_digit(c); }

// "and/or", "w/o", "black-and-white/red".
Match alternatives(Text text, std::size_t at) {
  const auto part = [text](std::size_t begin) {
    std::size_t end = begin + run(text, begin, is_ascii_alnum);
    for (int hyphens = 0; hyphens < 2 && end > begin && char_at(text, end) == '-'; ++hyphens) {
      const std::size_t letters = run(text, end + 1, is_ascii_letter);
      if (letters == 0) {
        break;
      }
      end += 1 + letters;
    }
    return end - begin;
  };
  std::size_t end = at + part(at);
  int slashes = 0;
  while (end > at && slashes < 2 && char_at(text, end) == '/' && part(end + 1) > 0) {
    end += 1 + part(end + 1);
    ++slashes;
  }
  return slashes > 0 ? whole(end - at) : Match{};
}

// "AT&T", "A+B".
Match joined_capitals(Text text, std::size_t at) {
  std::size_t end = at + run(text, at, is_ascii_capital);
  bool joined = false;
  while (end > at && (char_at(text, end) == '&' || char_at(text, end) == '+')) {
    const std::size_t part = run(text, end + 1, is_ascii_capital);
    if (part == 0) {
      break;
    }
    joined = true;
    end += 1 + part;
  }
  return joined ? whole(end - at) : Match{};
}

// Words with signs of their own.
Match listed(Text text, std::size_t at) {
  for (const std::string_view name : {"ph.d.", "c++", "c#", "f#"}) {
    if (has(text, at, name)) {
      return whole(name.size());
    }
  }
  return {};
}

constexpr Rule kRules[] = {listed, word, compound, alternatives, joined_capitals, pointed_compound};

}  // namespace

std::span<const Rule> word_rules() { return kRules; }

}  // namespace lrcn::ptb
