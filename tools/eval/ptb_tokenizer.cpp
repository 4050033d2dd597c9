#include "tools/eval/ptb_tokenizer.h"

#include <algorithm>
#include <utility>

#include "tools/data/code_points.h"
#include "tools/eval/ptb_rules.h"

namespace lrcn {
namespace {

// Character entities that captions from the web carry.
std::u32string without_entities(std::u32string text) {
  constexpr std::pair<std::u32string_view, char32_t> kEntities[] = {
      {U"&amp;", '&'},  {U"&lt;", '<'},    {U"&gt;", '>'},
      {U"&quot;", '"'}, {U"&apos;", '\''}, {U"&nbsp;", ' '}};
  for (std::size_t at = text.find(U'&'); at != text.npos; at = text.find(U'&', at + 1)) {
    for (const auto& [entity, character] : kEntities) {
      if (std::u32string_view(text).substr(at).starts_with(entity)) {
        text.replace(at, entity.size(), 1, character);
        break;
      }
    }
  }
  return text;
}

// The length of the token at `at`, at least 1.
std::size_t token_length(ptb::Text text, std::size_t at) {
  ptb::Match best;
  for (const auto& rules :
       {ptb::apostrophe_rules(), ptb::abbreviation_rules(), ptb::word_rules(), ptb::sign_rules()}) {
    for (const ptb::Rule rule : rules) {
      const ptb::Match match = rule(text, at);
      if (match.reach > best.reach) {
        best = match;
      }
    }
  }
  return std::max<std::size_t>(best.length, 1);
}

// What the evaluation writes for a character that stands alone, empty for what it drops.
std::string sign(char32_t c) {
  constexpr std::pair<char32_t, std::string_view> kSigns[] = {
      {'(', "-lrb-"}, {')', "-rrb-"}, {'[', "-lsb-"},  {']', "-rsb-"},
      {'{', "-lcb-"}, {'}', "-rcb-"}, {0xA2, "cents"}, {0xA3, "#"},
      {0xA4, "$"},    {0x20AC, "$"},  {0x80, "$"},     {0xBC, "1/4"},
      {0xBD, "1/2"},  {0xBE, "3/4"},  {0x2153, "1/3"}, {0x2154, "2/3"}};
  const auto* known = std::ranges::find(kSigns, c, &std::pair<char32_t, std::string_view>::first);
  if (known != std::end(kSigns)) {
    return std::string(known->second);
  }
  constexpr std::u32string_view kDropped = U".?!,:;-'`\"\u2026\u00AB\u00BB\u00AD\uFFFD";
  const bool quote_or_dash =
      (c >= 0x2010 && c <= 0x2015) || (c >= 0x2018 && c <= 0x201F) || c == 0x2039 || c == 0x203A;
  const bool picture = c > 0xFFFF || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE000 && c <= 0xF8FF);
  std::string text;
  if (!quote_or_dash && !picture && kDropped.find(c) == kDropped.npos) {
    append_utf8(text, to_lower(c));
  }
  return text;
}

bool is_suffix(ptb::Text token) {
  constexpr std::string_view kSuffixes[] = {"'s", "'m", "'d", "'t", "'re", "'ve", "'ll", "n't"};
  return std::ranges::any_of(kSuffixes, [token](std::string_view suffix) {
    return token.size() == suffix.size() && ptb::has(token, 0, suffix);
  });
}

// A token of several characters in lower case; empty for the dashes that the evaluation drops.
std::string written(ptb::Text token) {
  std::string text;
  if (token.size() < 5 && std::ranges::all_of(token, [](char32_t c) { return c == '-'; })) {
    return text;
  }
  // Suffixes lose the typographic apostrophe; names keep it.
  const bool suffix = is_suffix(token);
  for (const char32_t c : token) {
    if (c == '(' || c == ')') {
      text += sign(c);
    } else if (c == 0xAD) {
      continue;
    } else {
      append_utf8(text, suffix && ptb::is_apostrophe(c) ? U'\'' : to_lower(c));
    }
  }
  return text;
}

}  // namespace

std::vector<std::string> ptb_tokenize(std::string_view caption) {
  const std::u32string text = without_entities(decode_utf8(caption, "ptb_tokenize: caption"));
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    const std::size_t length = token_length(text, at);
    std::string token = length == 1 ? sign(text[at]) : written(ptb::Text(text).substr(at, length));
    if (!token.empty()) {
      tokens.push_back(std::move(token));
    }
    at += length;
  }
  return tokens;
}

}  // namespace lrcn
