#include "tools/eval/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr double kTiny = 1e-15;
constexpr double kSmall = 1e-9;

struct Tally {
  std::array<std::int64_t, kMaxNgram> correct{};
  std::array<std::int64_t, kMaxNgram> guessed{};
  std::int64_t result_length = 0;
  std::int64_t reference_length = 0;

  Tally& operator+=(const Tally& other) {
    for (std::size_t k = 0; k < kMaxNgram; ++k) {
      correct[k] += other.correct[k];
      guessed[k] += other.guessed[k];
    }
    result_length += other.result_length;
    reference_length += other.reference_length;
    return *this;
  }
};

std::int64_t closest_length(const ScoreCase& image) {
  const auto length = static_cast<std::int64_t>(image.result.size());
  auto closest = std::pair<std::int64_t, std::int64_t>(INT64_MAX, INT64_MAX);
  for (const Words& reference : image.references) {
    const auto candidate = static_cast<std::int64_t>(reference.size());
    closest = std::min(closest, std::pair(std::abs(candidate - length), candidate));
  }
  return closest.second;
}

Tally tally(const ScoreCase& image) {
  check(!image.references.empty(), "bleu_scores: every image needs a reference, got one without");
  std::unordered_map<Ngram, int, NgramHash> most;
  for (const Words& reference : image.references) {
    for (const auto& counts : count_ngrams(reference)) {
      for (const auto& [ngram, count] : counts) {
        int& known = most[ngram];
        known = std::max(known, count);
      }
    }
  }

  Tally result{.result_length = static_cast<std::int64_t>(image.result.size()),
               .reference_length = closest_length(image)};
  const auto counts = count_ngrams(image.result);
  for (std::size_t k = 0; k < kMaxNgram; ++k) {
    for (const auto& [ngram, count] : counts[k]) {
      const auto found = most.find(ngram);
      result.correct[k] += found == most.end() ? 0 : std::min(found->second, count);
      result.guessed[k] += count;
    }
  }
  return result;
}

Bleu bleu(const Tally& tally) {
  const double ratio = (static_cast<double>(tally.result_length) + kTiny) /
                       (static_cast<double>(tally.reference_length) + kSmall);
  const double brevity = ratio < 1 ? std::exp(1 - 1 / ratio) : 1;
  Bleu scores{};
  double product = 1;
  for (std::size_t k = 0; k < kMaxNgram; ++k) {
    product *= (static_cast<double>(tally.correct[k]) + kTiny) /
               (static_cast<double>(tally.guessed[k]) + kSmall);
    scores[k] = brevity * std::pow(product, 1.0 / static_cast<double>(k + 1));
  }
  return scores;
}

}  // namespace

BleuScores bleu_scores(std::span<const ScoreCase> cases) {
  check(!cases.empty(), "bleu_scores: at least one image is needed, got none");
  BleuScores scores{};
  scores.images.reserve(cases.size());
  Tally total;
  for (const ScoreCase& image : cases) {
    const Tally one = tally(image);
    scores.images.push_back(bleu(one));
    total += one;
  }
  scores.corpus = bleu(total);
  return scores;
}

}  // namespace lrcn
