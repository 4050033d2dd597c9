// What the scorers read: one image's sentences as numbered words, and their n-grams.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lrcn {

// BLEU and CIDEr count n-grams of 1 .. kMaxNgram words.
inline constexpr std::size_t kMaxNgram = 4;

// Words as numbers from 1 on; equal words have equal numbers.
using Words = std::vector<std::uint32_t>;

// One image: the sentence to score and the sentences that people wrote.
struct ScoreCase {
  Words result;
  std::vector<Words> references;
};

// Gives every distinct word its number.
class WordNumbers {
 public:
  Words number(std::span<const std::string> tokens);

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

// Up to kMaxNgram words; unused places hold 0, which is no word.
using Ngram = std::array<std::uint32_t, kMaxNgram>;

struct NgramHash {
  std::size_t operator()(const Ngram& ngram) const;
};

struct NgramCount {
  Ngram ngram;
  int count;
};

// The distinct n-grams of a sentence for n = 1 .. kMaxNgram, element n-1 of the result, each list
// in ascending order.
std::array<std::vector<NgramCount>, kMaxNgram> count_ngrams(const Words& sentence);

}  // namespace lrcn
