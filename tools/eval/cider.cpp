#include "tools/eval/cider.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr double kSigma = 6;
constexpr double kScale = 10;

using DocumentFrequency = std::unordered_map<Ngram, int, NgramHash>;

DocumentFrequency document_frequency(std::span<const ScoreCase> cases) {
  DocumentFrequency frequency;
  std::vector<Ngram> seen;
  for (const ScoreCase& image : cases) {
    check(!image.references.empty(),
          "cider_scores: every image needs a reference, got one without");
    seen.clear();
    for (const Words& reference : image.references) {
      for (const auto& counts : count_ngrams(reference)) {
        for (const NgramCount& entry : counts) {
          seen.push_back(entry.ngram);
        }
      }
    }
    std::ranges::sort(seen);
    seen.erase(std::ranges::unique(seen).begin(), seen.end());
    for (const Ngram& ngram : seen) {
      ++frequency[ngram];
    }
  }
  return frequency;
}

struct Weight {
  Ngram ngram;
  double value;
};

// A sentence as one vector of weights for each n, in ascending order of the n-grams.
struct Weights {
  std::array<std::vector<Weight>, kMaxNgram> values;
  std::array<double, kMaxNgram> norms{};
  int bigrams = 0;
};

Weights weigh(const Words& sentence, const DocumentFrequency& frequency, double log_images) {
  Weights weights;
  const auto counts = count_ngrams(sentence);
  for (std::size_t n = 0; n < kMaxNgram; ++n) {
    double squares = 0;
    for (const auto& [ngram, count] : counts[n]) {
      const auto found = frequency.find(ngram);
      const double log_frequency = found == frequency.end() ? 0 : std::log(found->second);
      const double value = count * (log_images - log_frequency);
      weights.values[n].push_back({.ngram = ngram, .value = value});
      squares += value * value;
      weights.bigrams += n == 1 ? count : 0;
    }
    weights.norms[n] = std::sqrt(squares);
  }
  return weights;
}

double clipped_product(const std::vector<Weight>& result, const std::vector<Weight>& reference) {
  double sum = 0;
  auto other = reference.begin();
  for (const auto& [ngram, value] : result) {
    while (other != reference.end() && other->ngram < ngram) {
      ++other;
    }
    if (other != reference.end() && other->ngram == ngram) {
      sum += std::min(value, other->value) * other->value;
    }
  }
  return sum;
}

double similarity(const Weights& result, const Weights& reference) {
  const double difference = result.bigrams - reference.bigrams;
  const double penalty = std::exp(-difference * difference / (2 * kSigma * kSigma));
  double sum = 0;
  for (std::size_t n = 0; n < kMaxNgram; ++n) {
    const double norms = result.norms[n] * reference.norms[n];
    if (norms > 0) {
      sum += clipped_product(result.values[n], reference.values[n]) / norms * penalty;
    }
  }
  return sum / kMaxNgram;
}

}  // namespace

CiderScores cider_scores(std::span<const ScoreCase> cases) {
  check(!cases.empty(), "cider_scores: at least one image is needed, got none");
  const DocumentFrequency frequency = document_frequency(cases);
  const double log_images = std::log(static_cast<double>(cases.size()));
  CiderScores scores{};
  scores.images.reserve(cases.size());
  for (const ScoreCase& image : cases) {
    const Weights result = weigh(image.result, frequency, log_images);
    double sum = 0;
    for (const Words& reference : image.references) {
      sum += similarity(result, weigh(reference, frequency, log_images));
    }
    scores.images.push_back(kScale * sum / static_cast<double>(image.references.size()));
  }
  scores.corpus = std::accumulate(scores.images.begin(), scores.images.end(), 0.0) /
                  static_cast<double>(cases.size());
  return scores;
}

}  // namespace lrcn
