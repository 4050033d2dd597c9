// CIDEr-D (Vedantam et al. 2015), which the COCO caption evaluation reports as "CIDEr".
#pragma once

#include <span>
#include <vector>

#include "tools/eval/score_case.h"

namespace lrcn {

struct CiderScores {
  double corpus;               // mean over the images
  std::vector<double> images;  // in the order of the cases
};

// Of an n-gram w in a sentence: g(w) = count(w) * (log N - log max(1, df(w))), N the number of
// images and df(w) the number of images with w in a reference. Of a result c and a reference r:
//   s_n = sum over w in c of min(g_c(w), g_r(w)) g_r(w) / (|g_c| |g_r|) * exp(-d^2 / (2 * 6^2))
// with d the difference of their numbers of bigrams; s_n = 0 when a norm is 0.
// Score of an image: 10 times the mean of s_n over n = 1..4 and the references.
// df comes from the same images, so one image alone scores 0.
// Throws ArgumentError when `cases` is empty or a case has no reference.
CiderScores cider_scores(std::span<const ScoreCase> cases);

}  // namespace lrcn
