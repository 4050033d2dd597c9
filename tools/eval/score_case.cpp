#include "tools/eval/score_case.h"

#include <algorithm>

namespace lrcn {

Words WordNumbers::number(std::span<const std::string> tokens) {
  Words words;
  words.reserve(tokens.size());
  for (const std::string& token : tokens) {
    words.push_back(
        numbers_.try_emplace(token, static_cast<std::uint32_t>(numbers_.size() + 1)).first->second);
  }
  return words;
}

std::size_t NgramHash::operator()(const Ngram& ngram) const {
  // Multiplication by odd constants and a final fold, so that neighbouring numbers spread.
  std::uint64_t hash = 0x9e3779b97f4a7c15u;
  for (const std::uint32_t word : ngram) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return static_cast<std::size_t>(hash);
}

std::array<std::vector<NgramCount>, kMaxNgram> count_ngrams(const Words& sentence) {
  std::array<std::vector<NgramCount>, kMaxNgram> counts;
  std::vector<Ngram> ngrams;
  for (std::size_t n = 1; n <= kMaxNgram; ++n) {
    ngrams.clear();
    for (std::size_t first = 0; first + n <= sentence.size(); ++first) {
      Ngram ngram{};
      std::copy_n(sentence.begin() + static_cast<std::ptrdiff_t>(first), n, ngram.begin());
      ngrams.push_back(ngram);
    }
    std::ranges::sort(ngrams);
    for (const Ngram& ngram : ngrams) {
      if (counts[n - 1].empty() || counts[n - 1].back().ngram != ngram) {
        counts[n - 1].push_back({.ngram = ngram, .count = 0});
      }
      ++counts[n - 1].back().count;
    }
  }
  return counts;
}

}  // namespace lrcn
