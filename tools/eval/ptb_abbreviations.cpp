// Words that keep their period: "U.S.", "Mr.", "No. 5".
#include <algorithm>
#include <string>

#include "tools/data/code_points.h"
#include "tools/eval/ptb_rules.h"

namespace lrcn::ptb {
namespace {

// Abbreviations that keep their period, in ascending order.
constexpr std::string_view kAbbreviations[] = {
    "adj",  "adm",   "adv",  "al",   "ala",  "alex", "apr",  "ariz",   "assn",  "assoc", "asst",
    "atty", "attys", "aug",  "ave",  "bhd",  "bldg", "blvd", "brig",   "bros",  "calif", "capt",
    "cf",   "cie",   "cmdr", "co",   "col",  "colo", "conn", "corp",   "cos",   "cpl",   "ct",
    "dak",  "dec",   "dept", "det",  "dr",   "drs",  "elec", "ens",    "esq",   "est",   "etc",
    "ext",  "feb",   "fla",  "fri",  "ft",   "ga",   "gen",  "gov",    "govs",  "hon",   "inc",
    "ind",  "insp",  "intl", "invt", "jan",  "jos",  "jr",   "jul",    "jun",   "kan",   "kans",
    "ky",   "lieut", "lt",   "ltd",  "maj",  "mar",  "md",   "messrs", "mfg",   "mich",  "minn",
    "mlle", "mme",   "mo",   "mon",  "mont", "mr",   "mrs",  "ms",     "msgr",  "mt",    "mtg",
    "natl", "neb",   "nev",  "nov",  "oct",  "okla", "penn", "pfc",    "ph",    "plc",   "ppte",
    "ppty", "pres",  "prof", "pte",  "ptes", "pty",  "ptys", "pvt",    "rd",    "rep",   "reps",
    "rev",  "rt",    "sen",  "sens", "sep",  "sept", "seq",  "sfc",    "sgt",   "spc",   "sq",
    "sr",   "st",    "ste",  "supt", "sys",  "tel",  "tenn", "thu",    "thurs", "treas", "tue",
    "tues", "univ",  "va",   "vs",   "vt",   "wed",  "wis",  "wisc",   "wm",    "wyo"};
// These are also words, so they must begin with a capital.
constexpr std::string_view kCapitalised[] = {"ark",  "az",  "del", "ill", "la",  "mass",
                                             "miss", "ore", "pa",  "tex", "wash"};
// These keep it in front of a number only.
constexpr std::string_view kNumbering[] = {"art", "ca", "fig", "figs", "no",
                                           "nos", "op", "pp",  "prop"};
constexpr std::string_view kSentenceStarts[] = {
    "a",    "about", "according", "additionally", "after", "an",   "as",    "at",    "but",
    "he",   "her",   "here",      "however",      "if",    "in",   "it",    "last",  "many",
    "more", "now",   "once",      "one",          "other", "our",  "she",   "since", "so",
    "some", "such",  "that",      "the",          "their", "then", "there", "these", "they",
    "this", "we",    "what",      "when",         "while", "yet",  "you"};

static_assert(std::ranges::is_sorted(kAbbreviations));
static_assert(std::ranges::is_sorted(kCapitalised));
static_assert(std::ranges::is_sorted(kNumbering));

// Whether a blank and one of the words that begin sentences follow.
bool sentence_follows(Text text, std::size_t at) {
  const std::size_t begin = at + run(text, at, is_blank);
  const std::size_t letters = run(text, begin, is_ascii_letter);
  if (begin == at || letters == 0 || !is_ascii_capital(text[begin]) ||
      !is_blank(char_at(text, begin + letters))) {
    return false;
  }
  return std::ranges::any_of(kSentenceStarts, [&](std::string_view start) {
    return start.size() == letters && has(text, begin, start);
  });
}

// The period belongs to a single letter too, "T. Rex", unless it seems to end a sentence.
Match acronym(Text text, std::size_t at) {
  const std::size_t length = acronym_length(text, at, 1);
  return length == 2 && sentence_follows(text, at + 2) ? Match{} : whole(length);
}

Match abbreviation(Text text, std::size_t at) {
  const std::size_t letters = run(text, at, is_ascii_letter);
  if (letters == 0 || char_at(text, at + letters) != '.') {
    return {};
  }
  std::string name;
  for (const char32_t c : text.substr(at, letters)) {
    name.push_back(static_cast<char>(to_lower(c)));
  }
  const std::size_t after = at + letters + 1;
  const bool number_follows =
      is_digit(char_at(text, after)) ||
      (is_blank(char_at(text, after)) && is_digit(char_at(text, after + 1)));
  const bool known =
      std::ranges::binary_search(kAbbreviations, name) ||
      (is_ascii_capital(text[at]) && std::ranges::binary_search(kCapitalised, name)) ||
      (number_follows && std::ranges::binary_search(kNumbering, name));
  return known ? whole(letters + 1) : Match{};
}

constexpr Rule kRules[] = {acronym, abbreviation};

}  // namespace

std::span<const Rule> abbreviation_rules() { return kRules; }

}  // namespace lrcn::ptb
