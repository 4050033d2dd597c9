// BLEU-1 .. BLEU-4 (Papineni et al. 2002), as the COCO caption evaluation defines them.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "tools/eval/score_case.h"

namespace lrcn {

// Element n-1 is BLEU-n, from 0 to 1.
using Bleu = std::array<double, kMaxNgram>;

struct BleuScores {
  Bleu corpus;               // from counts summed over all images
  std::vector<Bleu> images;  // each image by itself, in the order of the cases
};

// BLEU-n = b * (p_1 * ... * p_n)^(1/n) with
//   p_k = (correct_k + 1e-15) / (guessed_k + 1e-9)   an n-gram counts at most as often as in the
//                                                    reference that has it most often
//   b   = exp(1 - 1/r) if r < 1, otherwise 1
//   r   = (words of the results + 1e-15) / (words of the references + 1e-9)
// The reference length of an image is the one closest to the result's; of two equally close ones
// the shorter. The small constants keep empty results at 0 instead of 0/0.
// Throws ArgumentError when `cases` is empty or a case has no reference.
BleuScores bleu_scores(std::span<const ScoreCase> cases);

}  // namespace lrcn
