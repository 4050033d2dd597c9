// The token kinds of the Penn Treebank conventions, each a rule that measures a token at a place.
//
// As in a scanner generator, all rules are asked and the one that reaches farthest wins; of equals
// the first. A rule may look farther than its token: "don't" reaches five characters, and its token
// is "do".
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace lrcn::ptb {

using Text = std::u32string_view;

struct Match {
  std::size_t reach = 0;   // characters the rule accounts for; 0: the rule does not apply
  std::size_t length = 0;  // characters of the token, at most `reach`
};

// A match whose token is all that the rule looked at.
constexpr Match whole(std::size_t length) { return {.reach = length, .length = length}; }

// `at` lies inside of `text`, on no blank.
using Rule = Match (*)(Text text, std::size_t at);

// can't, cannot, dog's, 'em, '90s, D'Angelo, ma'am
std::span<const Rule> apostrophe_rules();
// U.S., Mr., No. 5
std::span<const Rule> abbreviation_rules();
// food, and.or, t-shirt, O'Brien, U.S.-based, half/half, AT&T
std::span<const Rule> word_rules();
// https://a.org/b, a@b.c, @a, #a, <b>, 1,234.5, -2, US$, :-), ?!, ***
std::span<const Rule> sign_rules();

constexpr bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_capital(char32_t c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_ascii_letter(char32_t c) { return is_ascii_capital(c) || (c >= 'a' && c <= 'z'); }
bool is_letter(char32_t c);  // of any script
inline bool is_alnum(char32_t c) { return is_letter(c) || is_digit(c); }
// ' and its typographic form, and 0x92, its remains in texts that were Windows-1252 once.
constexpr bool is_apostrophe(char32_t c) { return c == '\'' || c == 0x2019 || c == 0x92; }

// The character at `at`, 0 behind the end.
constexpr char32_t char_at(Text text, std::size_t at) { return at < text.size() ? text[at] : 0; }

// A limit on what a rule looks at, so that the time stays proportional to the length of the text.
inline constexpr std::size_t kLongestRun = 1000;

// The number of characters from `at` on for which `belongs` holds, at most kLongestRun.
template <class Predicate>
std::size_t run(Text text, std::size_t at, Predicate belongs) {
  std::size_t length = 0;
  while (length < kLongestRun && at + length < text.size() && belongs(text[at + length])) {
    ++length;
  }
  return length;
}

// The length of "U.S." or "a.b." with at least `letters` letters at `at`, or 0.
std::size_t acronym_length(Text text, std::size_t at, std::size_t letters);

// Whether `text` has `ascii`, given in lower case, at `at`, in any case; ' fits every apostrophe.
bool has(Text text, std::size_t at, std::string_view ascii);

}  // namespace lrcn::ptb
