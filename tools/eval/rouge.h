// ROUGE-L (Lin 2004), as the COCO caption evaluation defines it.
#pragma once

#include <span>
#include <vector>

#include "tools/eval/score_case.h"

namespace lrcn {

struct RougeScores {
  double corpus;               // mean over the images
  std::vector<double> images;  // in the order of the cases
};

// With L the length of the longest common subsequence of the result and a reference,
//   p = max L / |result|,  r = max L / |reference|   each over all references by itself
//   score = (1 + b^2) p r / (r + b^2 p),  b = 1.2
// An empty sentence has nothing in common with any other: score 0.
// Throws ArgumentError when `cases` is empty or a case has no reference.
RougeScores rouge_l_scores(std::span<const ScoreCase> cases);

}  // namespace lrcn
