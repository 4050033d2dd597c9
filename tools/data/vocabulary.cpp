#include "tools/data/vocabulary.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/io/file.h"
#include "core/io/utf8.h"

namespace lrcn {
namespace {

// What is wrong with a word of a vocabulary, or nothing.
std::string_view flaw(std::string_view word) {
  constexpr std::string_view kBlanks = " \t\v\f\r\n";
  if (word.empty()) {
    return "an empty word";
  }
  if (find_invalid_utf8(word)) {
    return "a word that is not UTF-8";
  }
  if (word.find_first_of(std::string_view("\r\n\0", 3)) != word.npos) {
    return "a word with a line break (CRLF?) or a zero byte";
  }
  if (kBlanks.find(word.front()) != kBlanks.npos || kBlanks.find(word.back()) != kBlanks.npos) {
    return "a word with a blank at an end";
  }
  return {};
}

}  // namespace

void count_words(WordCounts& counts, std::span<const std::string> tokens) {
  for (const std::string& token : tokens) {
    ++counts[token];
  }
}

Vocabulary::Vocabulary() {
  add(std::string(kEndWord));
  add(std::string(kUnknownWord));
}

bool Vocabulary::add(std::string word) {
  const bool inserted = ids_.try_emplace(word, size()).second;
  if (inserted) {
    words_.push_back(std::move(word));
  }
  return inserted;
}

Vocabulary Vocabulary::build(const WordCounts& counts, std::int64_t min_count) {
  check(min_count >= 1, "Vocabulary: min_count must be at least 1, got ", min_count);
  std::vector<std::pair<std::int64_t, std::string_view>> ranking;
  for (const auto& [word, count] : counts) {
    check(flaw(word).empty(), "Vocabulary: expected a word, got ", flaw(word), ": \"", word, "\"");
    if (count >= min_count) {
      ranking.emplace_back(-count, word);
    }
  }
  check(ranking.size() < std::numeric_limits<std::int32_t>::max() - 2,
        "Vocabulary: too many words: ", ranking.size());
  std::ranges::sort(ranking);

  Vocabulary vocabulary;
  for (const auto& [count, word] : ranking) {
    check(vocabulary.add(std::string(word)), "Vocabulary: \"", word, "\" is a special word");
  }
  return vocabulary;
}

Vocabulary Vocabulary::load(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  check<DataError>(!text.empty(), path.string(), ": expected \"", kEndWord, "\" and \"",
                   kUnknownWord, "\", got an empty file");
  check<DataError>(text.back() == '\n', path.string(),
                   ": expected a line break at the end, got a cut last line \"",
                   text.substr(text.rfind('\n') + 1), "\"");
  Vocabulary vocabulary;
  std::int64_t line = 0;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = text.find('\n', begin);
    const std::string_view word = std::string_view(text).substr(begin, end - begin);
    const std::string_view problem = flaw(word);
    check<DataError>(problem.empty(), path.string(), ":", line + 1, ": expected a word, got ",
                     problem);
    if (line <= kUnknown) {
      check<DataError>(word == vocabulary.words_[static_cast<std::size_t>(line)], path.string(),
                       ":", line + 1, ": expected \"",
                       vocabulary.words_[static_cast<std::size_t>(line)], "\", got \"", word, "\"");
    } else {
      check<DataError>(line < std::numeric_limits<std::int32_t>::max(), path.string(),
                       ": too many words");
      check<DataError>(vocabulary.add(std::string(word)), path.string(), ":", line + 1,
                       ": the word \"", word, "\" stands in line ", vocabulary.id(word) + 1,
                       " already");
    }
    begin = end + 1;
  }
  check<DataError>(line > kUnknown, path.string(), ": expected \"", kUnknownWord,
                   "\" in line 2, got one line");
  return vocabulary;
}

void Vocabulary::save(const std::filesystem::path& path, const FileSystem& files) const {
  std::string text;
  for (const std::string& word : words_) {
    text += word;
    text += '\n';
  }
  write_file_atomically(path, text, files);
}

std::int32_t Vocabulary::id(std::string_view word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? kUnknown : found->second;
}

const std::string& Vocabulary::word(std::int32_t id) const {
  check(id >= 0 && id < size(), "Vocabulary: id must be in [0, ", size(), "), got ", id);
  return words_[static_cast<std::size_t>(id)];
}

std::vector<std::int32_t> Vocabulary::encode(std::span<const std::string> tokens) const {
  std::vector<std::int32_t> ids;
  ids.reserve(tokens.size());
  for (const std::string& token : tokens) {
    ids.push_back(id(token));
  }
  return ids;
}

std::vector<std::string> Vocabulary::decode(std::span<const std::int32_t> ids) const {
  std::vector<std::string> words;
  for (const std::int32_t id : ids) {
    if (id == kEnd) {
      break;
    }
    words.push_back(word(id));
  }
  return words;
}

std::string Vocabulary::sentence(std::span<const std::int32_t> ids) const {
  return join_tokens(decode(ids));
}

}  // namespace lrcn
