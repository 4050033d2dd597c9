// Searching for captions: greedy, beam, sampling.
#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "core/delayed_read.h"
#include "kernels/hypotheses.h"
#include "models/decode/step_model.h"

namespace lrcn {

struct Caption {
  std::vector<std::int32_t> words;  // without the end of sentence
  double log_probability = 0.0;     // sum of log p over the words and, if complete, the end
  bool complete = false;            // ended by itself, not by the length limit
};

struct SearchOptions {
  enum class Method { greedy, beam, sample };
  // For each picture; samples beyond are for programs, not for flags and files.
  static constexpr int kMostHypotheses = 1024;
  static constexpr int kMostWords = 10'000;

  Method method = Method::greedy;
  int beam_width = 5;        // K hypotheses for each picture (beam)
  int samples = 1;           // captions drawn for each picture (sample)
  float temperature = 1.0f;  // divides the logits (sample)
  std::uint64_t seed = 0;    // of the draws
  int max_words = 20;
  std::uint64_t first_picture = 0;  // number of picture 0: draws do not depend on the batch size

  // Hypotheses that the search keeps for each picture.
  int rows_per_picture() const;
  // Throws ArgumentError for widths, samples or lengths below 1, widths and lengths above the most,
  // and a temperature not above 0.
  void validate() const;
};

// A search planned for a model of so many rows; its memory is allocated here.
//
// Captions are found for rows() / rows_per_picture() pictures; those of a picture lie in
// neighbouring rows of the model. For each picture its captions, best first:
//   greedy  one caption, the best word at every step
//   beam    up to K, ranked by the sum of log p without length normalisation. A hypothesis that has
//           ended keeps its place among the K until better ones push it out; the search stops when
//           all have ended. Of equal sums the earlier parent and the lower word come first.
//   sample  `samples` captions drawn from softmax(logits / temperature), ranked by log p (best of
//   N)
class Search {
 public:
  // Throws ArgumentError for options out of range or rows that do not make whole pictures.
  Search(const Context& context, const StepModel& model, const SearchOptions& options);

  // `model` must be at its start. On a GPU a word is one launch of recorded work, and the host
  // looks some words later whether all have ended. The StepState is as before on return.
  std::vector<std::vector<Caption>> run(Context& context, StepModel& model,
                                        std::uint64_t first_picture);

 private:
  HypothesisTable table() const;
  Choice choice() const { return {index_.tensor, log_probability_.tensor}; }
  void take_word(Context& context, StepModel& model, std::uint64_t first_picture);
  // Takes words until all hypotheses have ended or are as long as they may be.
  std::int64_t take_words(Context& context, StepModel& model, std::uint64_t first_picture);
  std::vector<std::vector<Caption>> read(std::int64_t steps) const;

  SearchOptions options_;
  std::int64_t rows_;                    // R
  OwnedTensor last_, parents_, states_;  // the table of kernels/hypotheses.h
  OwnedTensor words_, origins_, alive_;
  OwnedTensor index_, log_probability_;  // of the words of a step
  OwnedTensor step_state_;               // what the context had before
  RepeatedWork word_work_;
  DelayedRead alive_read_;
};

// The same for once; pictures are numbered from options.first_picture.
std::vector<std::vector<Caption>> search(Context& context, StepModel& model,
                                         const SearchOptions& options);

}  // namespace lrcn
