// The words a model knows, and their numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/io/file_system.h"
#include "models/words.h"

namespace lrcn {

using WordCounts = std::unordered_map<std::string, std::int64_t>;

// Adds the tokens of one sentence.
void count_words(WordCounts& counts, std::span<const std::string> tokens);

// Word number 0 is the end of a sentence and, given as the first input, its beginning; number 1
// stands for every unknown word; the others follow.
class Vocabulary {
 public:
  static constexpr std::int32_t kEnd = kEndOfSentence;
  static constexpr std::int32_t kUnknown = lrcn::kUnknownWord;
  static constexpr std::string_view kEndWord = "<eos>";
  static constexpr std::string_view kUnknownWord = "<unk>";

  // The words counted at least `min_count` times, the most frequent first, equals in the order of
  // their bytes. Throws ArgumentError for min_count < 1 and for a word that a file cannot hold: a
  // special word, an empty one, one with a line break or with a blank at an end, or not UTF-8.
  static Vocabulary build(const WordCounts& counts, std::int64_t min_count);

  // vocab.txt: UTF-8, one word a line, its number the number of the line from 0 on. Lines end in
  // LF, the last one too; CRLF is refused, because the words would no longer be found. load throws
  // DataError with path and line for anything else: special words missing or elsewhere, an empty
  // line, a duplicate, a blank at an end, invalid UTF-8, a cut last line.
  static Vocabulary load(const std::filesystem::path& path);
  void save(const std::filesystem::path& path, const FileSystem& files = posix_file_system()) const;

  // Number of words with the two special ones.
  std::int32_t size() const { return static_cast<std::int32_t>(words_.size()); }
  // kUnknown for a word that is not there.
  std::int32_t id(std::string_view word) const;
  // Throws ArgumentError for an id outside of [0, size()).
  const std::string& word(std::int32_t id) const;

  // One id for each token; no end is appended.
  std::vector<std::int32_t> encode(std::span<const std::string> tokens) const;
  // The words before the first end. Throws ArgumentError for an id outside of [0, size()).
  std::vector<std::string> decode(std::span<const std::int32_t> ids) const;
  // The decoded words as readable text (join_tokens).
  std::string sentence(std::span<const std::int32_t> ids) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const {
      return std::hash<std::string_view>{}(word);
    }
  };

  Vocabulary();
  // False when the word is there already.
  bool add(std::string word);

  std::vector<std::string> words_;
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> ids_;
};

// Tokens of tokenize_caption as text: blanks between words, none before , . ! ? ; : % ) ] }, none
// behind ( [ { $ #, none round ' - /, none at the inner side of quotation marks or between the
// digits of 10:30 and 1,000.
//   a dog ' s bowl , " full "  ->  a dog's bowl, "full"
std::string join_tokens(std::span<const std::string> tokens);

}  // namespace lrcn
