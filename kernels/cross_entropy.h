// Softmax cross-entropy: loss, gradient in place of the logits, accuracy, in one pass over a row.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

struct CrossEntropyOptions {
  std::int32_t ignore_label = -1;  // rows with this target count nothing and get a zero gradient
  float scale = 1.0f;              // factor of the gradient (not of the loss)
  bool gradient = true;            // false: evaluation, the logits stay as they are
  bool accumulate = false;         // add to loss and correct instead of overwriting them
  // Zeros are written where a gradient is asked for and a row is ignored. False: it stays as it is.
  bool clear_ignored = true;
  std::int64_t classes = 0;  // V; 0: all columns of the logits
};

struct CrossEntropyArguments {
  // f32 or, on CUDA, bf16 [M, P] with P >= V, of which the first V columns are read and become
  // dlogits where that is asked for.
  Tensor logits = {};
  Tensor targets = {};  // i32 [M], each ignore_label or in [0, V) (data: not checked)
  Tensor count = {};    // i32 [1], optional: the gradient is divided by max(count, 1) as well
  Tensor factor = {};   // f32 of one element, optional: another factor of the gradient
  Tensor loss = {};     // f32 [1]: sum of -log p(target) over the counted rows (not divided)
  Tensor correct = {};  // i32 [1], optional: counted rows whose first largest logit is the target
  Tensor row_nll = {};  // f32 [M], optional: -log p(target), 0 for ignored rows
};

// With m = max_v x_v and s = sum_v exp(x_v - m): nll = m + log s - x_t and
// dx_v = (exp(x_v - m) / s - [v = t]) scale factor / count, rounded once. Sums over V and M are
// accumulated in double and do not depend on the number of threads. A row with NaN, +inf or only
// -inf gives NaN. Throws ArgumentError for shapes or types other than above.
using CrossEntropyFunction = void(Context&, const CrossEntropyArguments& arguments,
                                  const CrossEntropyOptions& options);

namespace cpu {
CrossEntropyFunction cross_entropy;
}
namespace cuda {
CrossEntropyFunction cross_entropy;
}

inline constexpr Op<CrossEntropyFunction> cross_entropy{"cross_entropy", cpu::cross_entropy,
                                                        LRCN_CUDA_OP(cuda::cross_entropy)};

// The checks all backends share. Returns V. Throws ArgumentError naming the tensor.
std::int64_t check_cross_entropy(const CrossEntropyArguments& arguments,
                                 const CrossEntropyOptions& options);

}  // namespace lrcn
