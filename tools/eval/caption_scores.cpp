#include "tools/eval/caption_scores.h"

#include <sstream>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/io/utf8.h"
#include "tools/eval/cider.h"
#include "tools/eval/ptb_tokenizer.h"
#include "tools/eval/rouge.h"

namespace lrcn {
namespace {

// "3 images, the first 17, 20, 31".
std::string listed(const std::vector<std::int64_t>& ids) {
  constexpr std::size_t kNamed = 5;
  std::string text = concat(ids.size(), ids.size() == 1 ? " image: " : " images, the first: ");
  for (std::size_t i = 0; i < ids.size() && i < kNamed; ++i) {
    text += concat(i == 0 ? "" : ", ", ids[i]);
  }
  return text;
}

void check_images(const ReferenceCaptions& references, const ResultCaptions& results,
                  bool only_results) {
  std::vector<std::int64_t> without_reference;
  std::vector<std::int64_t> without_result;
  for (const auto& [id, caption] : results) {
    const auto found = references.find(id);
    if (found == references.end() || found->second.empty()) {
      without_reference.push_back(id);
    }
  }
  for (const auto& [id, captions] : references) {
    if (!only_results && !results.contains(id)) {
      without_result.push_back(id);
    }
  }
  check<DataError>(without_reference.empty(),
                   "score_captions: expected references for every result, got none for ",
                   listed(without_reference));
  check<DataError>(without_result.empty(),
                   "score_captions: expected a result for every image with references, got none "
                   "for ",
                   listed(without_result));
  check<DataError>(!results.empty(), "score_captions: expected results, got none");
}

std::vector<std::string> split_at_blanks(const std::string& caption) {
  check<DataError>(!find_invalid_utf8(caption), "score_captions: expected UTF-8, got \"", caption,
                   "\"");
  std::istringstream stream(caption);
  std::vector<std::string> tokens;
  for (std::string token; stream >> token;) {
    tokens.push_back(std::move(token));
  }
  return tokens;
}

}  // namespace

CaptionScores score_captions(const ReferenceCaptions& references, const ResultCaptions& results,
                             const CaptionScoreOptions& options) {
  check_images(references, results, options.only_results);
  WordNumbers numbers;
  const auto words = [&](const std::string& caption) {
    return numbers.number(options.tokens == CaptionScoreOptions::Tokens::ptb
                              ? ptb_tokenize(caption)
                              : split_at_blanks(caption));
  };
  std::vector<ScoreCase> cases;
  cases.reserve(results.size());
  for (const auto& [id, caption] : results) {
    ScoreCase& image = cases.emplace_back();
    image.result = words(caption);
    for (const std::string& reference : references.at(id)) {
      image.references.push_back(words(reference));
    }
  }

  const BleuScores bleu = bleu_scores(cases);
  const RougeScores rouge = rouge_l_scores(cases);
  const CiderScores cider = cider_scores(cases);
  CaptionScores scores{
      .bleu = bleu.corpus, .rouge_l = rouge.corpus, .cider = cider.corpus, .images = {}};
  std::size_t i = 0;
  for (const auto& [id, caption] : results) {
    scores.images.emplace(
        id,
        ImageScores{.bleu = bleu.images[i], .rouge_l = rouge.images[i], .cider = cider.images[i]});
    ++i;
  }
  return scores;
}

}  // namespace lrcn
