// lrcn eval captions.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/verb.h"
#include "tools/eval/caption_scores.h"

namespace lrcn {

Verb run_eval_captions;

// Whether the words of `result` are those of one of the references, as tokenize_caption cuts both.
bool is_exact_match(const std::string& result, const std::vector<std::string>& references);
// The part of the results for which that holds; every one needs references. Throws ArgumentError
// for no results.
double exact_match_rate(const ReferenceCaptions& references, const ResultCaptions& results);

}  // namespace lrcn
