// Choosing the next symbol from logits: the best, the k best, or a random one.
//
// logits: f32 or, on CUDA, bf16 [R, V], plain, V >= 1. NaN ranks below every number; of equal
// logits the lower index comes first. Rows are reordered by beam parents with gather_rows of
// kernels/rows.h.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

// index: i32 [R]; log_probability: f32 [R], optional: log softmax(logits)[index].
struct Choice {
  Tensor index = {};
  Tensor log_probability = {};
};

// index[r] = the first largest logit of row r.
using ArgmaxRowsFunction = void(Context&, Tensor logits, const Choice& choice);

inline constexpr std::int64_t kMostTopK = 1024;

// The K largest logits of each row, sorted by (-logit, index), with their log softmax. index: i32
// [R, K]; log_probability: f32 [R, K]; 1 <= K <= V and K <= kMostTopK.
using TopKRowsFunction = void(Context&, Tensor logits, const Choice& choice);

struct SampleOptions {
  float temperature = 1.0f;         // > 0; divides the logits
  std::uint32_t stream = 0;         // tells independent samplers apart
  std::int64_t first_sequence = 0;  // number of the sequence in row 0
};
// index[r] is drawn from softmax(logits[r] / temperature) with the uniform number of
// (StepState::seed, Purpose::sample, stream) at (StepState::step, first_sequence + r), by inverting
// the cumulative sum in index order. log_probability is that of the distribution without
// temperature.
using SampleRowsFunction = void(Context&, Tensor logits, const Choice& choice,
                                const SampleOptions& options);

namespace cpu {
ArgmaxRowsFunction argmax_rows;
TopKRowsFunction top_k_rows;
SampleRowsFunction sample_rows;
}  // namespace cpu
namespace cuda {
ArgmaxRowsFunction argmax_rows;
TopKRowsFunction top_k_rows;
SampleRowsFunction sample_rows;
}  // namespace cuda

inline constexpr Op<ArgmaxRowsFunction> argmax_rows{"argmax_rows", cpu::argmax_rows,
                                                    LRCN_CUDA_OP(cuda::argmax_rows)};
inline constexpr Op<TopKRowsFunction> top_k_rows{"top_k_rows", cpu::top_k_rows,
                                                 LRCN_CUDA_OP(cuda::top_k_rows)};
inline constexpr Op<SampleRowsFunction> sample_rows{"sample_rows", cpu::sample_rows,
                                                    LRCN_CUDA_OP(cuda::sample_rows)};

// The checks all backends share. Throw ArgumentError naming the tensor.
void check_argmax_rows(const Tensor& logits, const Choice& choice);
void check_top_k_rows(const Tensor& logits, const Choice& choice);
void check_sample_rows(const Tensor& logits, const Choice& choice, const SampleOptions& options);

}  // namespace lrcn
