// Sequences of words that a search follows, with everything in memory of the device: what was
// chosen becomes what the model reads next, and nothing has to pass through the host.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/decode.h"
#include "kernels/op.h"

namespace lrcn {

struct Hypothesis {
  double log_probability = 0.0;  // sum over its words and, if ended, the end
  std::int32_t ended = 0;        // with the end word
  std::int32_t present = 0;      // 0: a row that no hypothesis uses
};

// R rows of hypotheses, over at most L steps. StepState::step counts the steps done and so tells
// the operations where to read and write.
struct HypothesisTable {
  Tensor last;     // i32 [R]: the word that the model reads next
  Tensor parents;  // i32 [R]: the row in which the hypothesis stood a step before
  Tensor states;   // u8 [2 R sizeof(Hypothesis)]: Hypothesis [2, R], row step % 2 being the current
  Tensor words;    // i32 [L, R]: the word taken in each step
  Tensor origins;  // i32 [L, R]: parents of each step
  Tensor alive;    // i32 [1]: hypotheses that have not ended
};

// One hypothesis without words in every `each`-th row; last = end, parents = the row itself,
// StepState::step = 0.
using StartHypothesesFunction = void(Context&, const HypothesisTable& table, std::int64_t each,
                                     std::int32_t end);
// Every row takes the word chosen for it, Choice [R] with log_probability; those that have ended
// stay as they are and take `end`. Does nothing after L steps.
using ContinueRowsFunction = void(Context&, const HypothesisTable& table, const Choice& chosen,
                                  std::int32_t end);
// Beam search. Rows come in groups of `width`; top: Choice [R, K] with log_probability, as
// top_k_rows gives it. In each group the next hypotheses are the best `width` by log_probability
// among those that have ended and all others with each of their K words; of equal sums the earlier
// parent and the lower word come first, and NaN counts as minus infinity. Rows that are not needed
// have no hypothesis. Does nothing after L steps.
using ContinueBeamsFunction = void(Context&, const HypothesisTable& table, const Choice& top,
                                   std::int64_t width, std::int32_t end);

namespace cpu {
StartHypothesesFunction start_hypotheses;
ContinueRowsFunction continue_rows;
ContinueBeamsFunction continue_beams;
}  // namespace cpu
namespace cuda {
StartHypothesesFunction start_hypotheses;
ContinueRowsFunction continue_rows;
ContinueBeamsFunction continue_beams;
}  // namespace cuda

// All throw ArgumentError naming the tensor that does not fit.
inline constexpr Op<StartHypothesesFunction> start_hypotheses{
    "start_hypotheses", cpu::start_hypotheses, LRCN_CUDA_OP(cuda::start_hypotheses)};
inline constexpr Op<ContinueRowsFunction> continue_rows{"continue_rows", cpu::continue_rows,
                                                        LRCN_CUDA_OP(cuda::continue_rows)};
inline constexpr Op<ContinueBeamsFunction> continue_beams{"continue_beams", cpu::continue_beams,
                                                          LRCN_CUDA_OP(cuda::continue_beams)};

// The table as the backends see it, checked.
struct HypothesisRows {
  std::int64_t rows = 0;   // R
  std::int64_t steps = 0;  // L
  std::int32_t* last = nullptr;
  std::int32_t* parents = nullptr;
  Hypothesis* states = nullptr;
  std::int32_t* words = nullptr;
  std::int32_t* origins = nullptr;
  std::int32_t* alive = nullptr;
};
HypothesisRows check_start_hypotheses(const HypothesisTable& table, std::int64_t each);
HypothesisRows check_continue_rows(const HypothesisTable& table, const Choice& chosen);
HypothesisRows check_continue_beams(const HypothesisTable& table, const Choice& top,
                                    std::int64_t width);

}  // namespace lrcn
