// Searching for captions: greedy, beam, sampling.
#pragma once

#include <cstdint>
#include <vector>

#include "models/decode/step_model.h"

namespace lrcn {

struct Caption {
  std::vector<std::int32_t> words;  // without the end of sentence
  double log_probability = 0.0;     // sum of log p over the words and, if complete, the end
  bool complete = false;            // ended by itself, not by the length limit
};

struct SearchOptions {
  enum class Method { greedy, beam, sample };

  Method method = Method::greedy;
  int beam_width = 5;        // K hypotheses for each picture (beam)
  int samples = 1;           // captions drawn for each picture (sample)
  float temperature = 1.0f;  // divides the logits (sample)
  std::uint64_t seed = 0;    // of the draws
  int max_words = 20;
  std::uint64_t first_picture = 0;  // number of picture 0: draws do not depend on the batch size

  // Hypotheses that the search keeps for each picture.
  int rows_per_picture() const;
  // Throws ArgumentError for widths, samples or lengths below 1 or a temperature not above 0.
  void validate() const;
};

// Captions for rows() / rows_per_picture() pictures; those of a picture lie in neighbouring rows of
// the model, which must be at its start. For each picture its captions, best first:
//   greedy  one caption, the best word at every step
//   beam    up to K, ranked by the sum of log p without length normalisation. A hypothesis that has
//           ended keeps its place among the K until better ones push it out; the search stops when
//           all have ended. Of equal sums the earlier parent and the lower word come first.
//   sample  `samples` captions drawn from softmax(logits / temperature), ranked by log p (best of
//   N)
std::vector<std::vector<Caption>> search(Context& context, StepModel& model,
                                         const SearchOptions& options);

}  // namespace lrcn
