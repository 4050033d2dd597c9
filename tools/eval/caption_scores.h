// The scores of the COCO caption evaluation for a set of generated captions.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/eval/bleu.h"

namespace lrcn {

// By image id.
using ReferenceCaptions = std::map<std::int64_t, std::vector<std::string>>;
using ResultCaptions = std::map<std::int64_t, std::string>;

struct ImageScores {
  Bleu bleu{};
  double rouge_l = 0;
  double cider = 0;
};

struct CaptionScores {
  Bleu bleu{};         // of the corpus, BLEU-1 .. BLEU-4, 0 to 1
  double rouge_l = 0;  // mean over the images, 0 to 1
  double cider = 0;    // CIDEr-D, mean over the images, 0 to 10
  std::map<std::int64_t, ImageScores> images;
};

struct CaptionScoreOptions {
  enum class Tokens {
    ptb,    // ptb_tokenize, as the COCO caption evaluation does
    blanks  // split at blanks as they stand, for text that is in tokens already
  };
  Tokens tokens = Tokens::ptb;
  // Score the images that have a result and leave the others out, references and all. CIDEr then
  // counts document frequencies over fewer images, so its numbers compare with no other set.
  bool only_results = false;
};

// Throws DataError when a caption is not UTF-8, when there is nothing to score, when an image with
// a result has no reference and, unless only_results, when an image with references has no result:
// every scorer of the evaluation is defined for equal sets of images. An empty result, or one of
// punctuation alone, scores 0.
CaptionScores score_captions(const ReferenceCaptions& references, const ResultCaptions& results,
                             const CaptionScoreOptions& options = {});

}  // namespace lrcn
