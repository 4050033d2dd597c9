// Addresses, tags, numbers, amounts, smileys and runs of signs.
#include <algorithm>

#include "tools/data/code_points.h"
#include "tools/eval/ptb_rules.h"

namespace lrcn::ptb {
namespace {

bool is_one_of(char32_t c, std::u32string_view set) { return set.find(c) != set.npos && c != 0; }

bool in_address(char32_t c) { return !is_blank(c) && !is_one_of(c, U"\"<>|()"); }

// The length of an address without the punctuation of the sentence behind it.
std::size_t without_punctuation(Text text, std::size_t at, std::size_t length) {
  while (length > 0 && is_one_of(text[at + length - 1], U".,!?-{}'")) {
    --length;
  }
  return length;
}

// "https://example.org/x?y=z".
Match web_address(Text text, std::size_t at) {
  const std::size_t scheme = has(text, at, "https://") ? 8 : has(text, at, "http://") ? 7 : 0;
  if (scheme == 0) {
    return {};
  }
  const std::size_t rest =
      without_punctuation(text, at + scheme, run(text, at + scheme, in_address));
  return whole(rest == 0 ? 0 : scheme + rest);
}

// "www.example.co.uk/x", and without "www" under the common domains: "example.com".
Match host(Text text, std::size_t at) {
  const auto in_label = [](char32_t c) { return is_alnum(c) || c == '-'; };
  std::size_t end = at + run(text, at, in_label);
  if (end == at || text[at] == '-') {
    return {};
  }
  bool common = false;
  int labels = 1;
  while (char_at(text, end) == '.' && is_alnum(char_at(text, end + 1))) {
    const std::size_t label = run(text, end + 1, in_label);
    common = label == 3 && (has(text, end + 1, "com") || has(text, end + 1, "net") ||
                            has(text, end + 1, "org") || has(text, end + 1, "edu"));
    end += 1 + label;
    ++labels;
  }
  if (!common && !(labels > 2 && has(text, at, "www."))) {
    return {};
  }
  if (char_at(text, end) == '/') {
    const std::size_t path = without_punctuation(text, end, run(text, end, in_address));
    end += path > 2 ? path : 0;
  }
  return whole(end - at);
}

// "name@example.org".
Match mail_address(Text text, std::size_t at) {
  if (!is_ascii_letter(text[at]) && !is_digit(text[at])) {
    return {};
  }
  const std::size_t end = at + run(text, at, in_address);
  const std::size_t sign = text.substr(0, end).find(U'@', at);
  if (sign == text.npos) {
    return {};
  }
  const std::size_t domain = without_punctuation(text, sign + 1, end - sign - 1);
  return whole(domain == 0 ? 0 : sign + 1 + domain - at);
}

// "@name" and "#topic".
Match handle(Text text, std::size_t at) {
  const auto in_name = [](char32_t c) { return is_ascii_letter(c) || is_digit(c) || c == '_'; };
  const char32_t first = char_at(text, at + 1);
  if (text[at] == '@' && in_name(first) && !is_digit(first)) {
    return whole(1 + run(text, at + 1, in_name));
  }
  if (text[at] == '#' && is_letter(first)) {
    return whole(1 + run(text, at + 1, is_letter));
  }
  return {};
}

// "<b>", "</b>", "<br/>".
Match markup(Text text, std::size_t at) {
  const std::size_t name = at + (char_at(text, at + 1) == '/' ? 2 : 1);
  if (text[at] != '<' || !is_ascii_letter(char_at(text, name))) {
    return {};
  }
  std::size_t end = name + run(text, name, [](char32_t c) {
                      return is_ascii_letter(c) || is_digit(c) || c == '-';
                    });
  end += char_at(text, end) == '/' ? 1 : 0;
  return whole(char_at(text, end) == '>' ? end + 1 - at : 0);
}

// "7", "1,234.5", "10:30", ".5", "-2", "+3".
Match number(Text text, std::size_t at) {
  const std::size_t sign = text[at] == '+' || text[at] == '-' ? 1 : 0;
  std::size_t end = at + sign + run(text, at + sign, is_digit);
  while (is_one_of(char_at(text, end), U".:,") && is_digit(char_at(text, end + 1))) {
    end += 1 + run(text, end + 1, is_digit);
  }
  return whole(end == at + sign ? 0 : end - at);
}

// "1-1/2"; simple fractions are alternatives to the word rules.
Match mixed_fraction(Text text, std::size_t at) {
  const std::size_t whole_part = run(text, at, is_digit);
  const std::size_t top = at + whole_part + 1;
  const std::size_t top_digits = run(text, top, is_digit);
  const std::size_t bottom = top + top_digits + 1;
  const std::size_t digits = run(text, bottom, is_digit);
  const bool fits = whole_part >= 1 && whole_part <= 4 && char_at(text, top - 1) == '-' &&
                    top_digits >= 1 && top_digits <= 4 && char_at(text, bottom - 1) == '/' &&
                    digits >= 1;
  return whole(fits ? bottom + std::min<std::size_t>(digits, 4) - at : 0);
}

// "$", "US$".
Match dollars(Text text, std::size_t at) {
  const std::size_t capitals = run(text, at, [](char32_t c) { return c >= 'A' && c <= 'Z'; });
  return whole(char_at(text, at + capitals) == '$' ? capitals + 1 : 0);
}

// ":)", ";-)", "=D", ">:(".
Match smiley(Text text, std::size_t at) {
  std::size_t place = at + (is_one_of(text[at], U"<>") ? 1 : 0);
  if (!is_one_of(char_at(text, place), U":;=")) {
    return {};
  }
  ++place;
  if (is_one_of(char_at(text, place), U"-o*'") &&
      is_one_of(char_at(text, place + 1), U"()DPdpO\\{@|[]")) {
    ++place;
  }
  if (!is_one_of(char_at(text, place), U"()DPdpO\\{@|[]") || is_alnum(char_at(text, place + 1))) {
    return {};
  }
  return whole(place + 1 - at);
}

// "^_^", "-_-".
Match face(Text text, std::size_t at) {
  constexpr std::u32string_view kEyes = U"-^=~<>";
  const bool fits = is_one_of(text[at], kEyes) && char_at(text, at + 1) == '_' &&
                    is_one_of(char_at(text, at + 2), kEyes);
  return whole(fits ? 3 : 0);
}

// "?!", "***", "___", "-----": signs that stand together as one token.
Match sign_run(Text text, std::size_t at) {
  if (is_one_of(text[at], U"?!")) {
    return whole(run(text, at, [](char32_t c) { return c == '?' || c == '!'; }));
  }
  if (is_one_of(text[at], U"*_@#-")) {
    return whole(run(text, at, [first = text[at]](char32_t c) { return c == first; }));
  }
  return {};
}

constexpr Rule kRules[] = {web_address,    host,    mail_address, handle, markup,  number,
                           mixed_fraction, dollars, smiley,       face,   sign_run};

}  // namespace

std::span<const Rule> sign_rules() { return kRules; }

}  // namespace lrcn::ptb
