#include "tools/eval/rouge.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"

namespace lrcn {
namespace {

constexpr double kBeta = 1.2;

// Row by row: lengths[j] belongs to the words of `a` so far and the first j words of `b`.
int longest_common_subsequence(const Words& a, const Words& b) {
  std::vector<int> lengths(b.size() + 1, 0);
  for (const std::uint32_t word : a) {
    int diagonal = 0;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int above = lengths[j];
      lengths[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, lengths[j - 1]);
      diagonal = above;
    }
  }
  return lengths.back();
}

double rouge_l(const ScoreCase& image) {
  check(!image.references.empty(),
        "rouge_l_scores: every image needs a reference, got one without");
  double precision = 0;
  double recall = 0;
  for (const Words& reference : image.references) {
    const int common = longest_common_subsequence(image.result, reference);
    if (common > 0) {
      precision = std::max(precision, common / static_cast<double>(image.result.size()));
      recall = std::max(recall, common / static_cast<double>(reference.size()));
    }
  }
  if (precision == 0) {
    return 0;
  }
  constexpr double kWeight = kBeta * kBeta;
  return (1 + kWeight) * precision * recall / (recall + kWeight * precision);
}

}  // namespace

RougeScores rouge_l_scores(std::span<const ScoreCase> cases) {
  check(!cases.empty(), "rouge_l_scores: at least one image is needed, got none");
  RougeScores scores{};
  scores.images.reserve(cases.size());
  for (const ScoreCase& image : cases) {
    scores.images.push_back(rouge_l(image));
  }
  scores.corpus = std::accumulate(scores.images.begin(), scores.images.end(), 0.0) /
                  static_cast<double>(cases.size());
  return scores;
}

}  // namespace lrcn
