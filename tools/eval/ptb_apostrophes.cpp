// Contractions, possessives and words with an apostrophe inside, before or behind.
#include "tools/data/code_points.h"
#include "tools/eval/ptb_rules.h"

namespace lrcn::ptb {
namespace {

constexpr std::string_view kSuffixes[] = {"'s", "'m", "'d", "'re", "'ve", "'ll"};

bool is_vowel(char32_t c) {
  const char32_t small = to_lower(c);
  return small == 'a' || small == 'e' || small == 'i' || small == 'o' || small == 'u';
}

bool ends_word(Text text, std::size_t at) { return !is_letter(char_at(text, at)); }

bool ends_text(Text text, std::size_t at) { return at >= text.size() || is_blank(text[at]); }

// The suffix 's, 'm, 'd, 're, 've or 'll at `at`, or 0.
std::size_t suffix(Text text, std::size_t at) {
  for (const std::string_view candidate : kSuffixes) {
    if (has(text, at, candidate) && ends_word(text, at + candidate.size())) {
      return candidate.size();
    }
  }
  return 0;
}

// The "n't" at `at`, which some write with an accent for the apostrophe.
bool is_not(Text text, std::size_t at) {
  const char32_t mark = char_at(text, at + 1);
  return to_lower(char_at(text, at)) == 'n' && (is_apostrophe(mark) || mark == '`') &&
         to_lower(char_at(text, at + 2)) == 't' && ends_word(text, at + 3);
}

// "dog" of "dog's".
Match before_suffix(Text text, std::size_t at) {
  const std::size_t letters = run(text, at, is_letter);
  const std::size_t ending = letters == 0 ? 0 : suffix(text, at + letters);
  return ending == 0 ? Match{} : Match{.reach = letters + ending, .length = letters};
}

Match suffix_alone(Text text, std::size_t at) { return whole(suffix(text, at)); }

// "do" of "don't".
Match before_not(Text text, std::size_t at) {
  const std::size_t letters = run(text, at, is_letter);
  if (letters < 2 || !is_not(text, at + letters - 1)) {
    return {};
  }
  return {.reach = letters + 2, .length = letters - 1};
}

Match not_alone(Text text, std::size_t at) { return whole(is_not(text, at) ? 3 : 0); }

// Two words that are written as one: the first part.
Match fused(Text text, std::size_t at) {
  struct Pair {
    std::string_view both;
    std::size_t first;
  };
  constexpr Pair kPairs[] = {{"cannot", 3}, {"gonna", 3}, {"gotta", 3},
                             {"wanna", 3},  {"lemme", 3}, {"gimme", 3}};
  for (const auto& [both, first] : kPairs) {
    if (has(text, at, both)) {
      return {.reach = both.size(), .length = first};
    }
  }
  if (text[at] == '\'' && (has(text, at, "'tis") || has(text, at, "'twas"))) {
    return {.reach = 2, .length = 2};
  }
  return {};
}

// Words with an apostrophe at an end or at a place of their own.
Match listed(Text text, std::size_t at) {
  constexpr std::string_view kWords[] = {"'em",   "'til", "'till", "'n'",     "ol'",
                                         "d'",    "l'",   "j'",    "c'mon",   "c'est",
                                         "ev'ry", "e'er", "li'l",  "dunkin'", "somethin'"};
  std::size_t longest = 0;
  for (const std::string_view candidate : kWords) {
    if (candidate.size() > longest && has(text, at, candidate)) {
      longest = candidate.size();
    }
  }
  if (longest == 0 && has(text, at, "y'") && !ends_word(text, at + 2)) {
    longest = 2;
  }
  if (longest == 0 && has(text, at, "'n") && ends_text(text, at + 2)) {
    longest = 2;
  }
  return whole(longest);
}

// '90s and '08.
Match year(Text text, std::size_t at) {
  if (!is_apostrophe(text[at]) || !is_digit(char_at(text, at + 1)) ||
      !is_digit(char_at(text, at + 2))) {
    return {};
  }
  if (char_at(text, at + 1) >= '2' && char_at(text, at + 2) == '0' &&
      to_lower(char_at(text, at + 3)) == 's') {
    return whole(4);
  }
  return whole(ends_text(text, at + 3) ? 3 : 0);
}

// Names with a prefix of one letter: "D'Angelo", "N'Sync". I and Y are the pronoun and "y'all".
Match prefixed_name(Text text, std::size_t at) {
  const char32_t first = text[at];
  const bool prefix = first == 'n' || (is_ascii_capital(first) && first != 'I' && first != 'Y');
  if (!prefix || !is_apostrophe(char_at(text, at + 1)) || run(text, at + 2, is_letter) < 2) {
    return {};
  }
  return whole(2 + run(text, at + 2, is_alnum));
}

// A vowel left out between two vowels: "ma'am", "ne'er", "qu'il"; or a name: "Ba'Ath".
Match elided(Text text, std::size_t at) {
  const std::size_t letters = run(text, at, is_letter);
  if (letters < 2 || !is_apostrophe(char_at(text, at + letters))) {
    return {};
  }
  const char32_t before = text[at + letters - 1];
  const char32_t after = char_at(text, at + letters + 1);
  if (!(is_vowel(before) || to_lower(before) == 'y') ||
      !(is_vowel(after) || is_ascii_capital(after))) {
    return {};
  }
  return whole(letters + 1 + run(text, at + letters + 1, is_letter));
}

constexpr Rule kRules[] = {before_not, not_alone, before_suffix, suffix_alone, fused,
                           listed,     year,      prefixed_name, elided};

}  // namespace

std::span<const Rule> apostrophe_rules() { return kRules; }

}  // namespace lrcn::ptb
