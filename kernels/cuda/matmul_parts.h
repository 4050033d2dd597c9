// What the kernels of a matrix product share: op(a) op(b) of which several blocks may sum up parts
// of the terms, and what happens to a sum.
#pragma once

#include <cstdint>

#include "core/context.h"
#include "kernels/cuda/device.h"

namespace lrcn::cuda {

// The terms 0 .. k-1 cut into `count` runs of `depth`, the last one shorter.
struct TermSplit {
  std::int64_t depth = 0;
  unsigned count = 1;
};

struct MatmulOutput {
  float* c = nullptr;           // [m, n]
  const float* bias = nullptr;  // [n], or none
  float* partials = nullptr;    // [split.count, m, n]: sums of one run each; none: they are whole
  std::int64_t m = 0;
  std::int64_t n = 0;
  bool accumulate = false;
  bool relu = false;

  // c_ij = act(sum (+ c_ij) (+ bias_j))
  __device__ void finish(std::int64_t i, std::int64_t j, float sum) const {
    float value = accumulate ? c[i * n + j] + sum : sum;
    value = bias != nullptr ? value + bias[j] : value;
    c[i * n + j] = relu && value < 0.0f ? 0.0f : value;  // a NaN stays
  }
  // The sum of one run of terms.
  __device__ void store(std::int64_t i, std::int64_t j, unsigned run, float sum) const {
    if (i >= m || j >= n) {
      return;
    }
    if (partials != nullptr) {
      partials[(std::int64_t(run) * m + i) * n + j] = sum;
    } else {
      finish(i, j, sum);
    }
  }
};

struct MatmulCall {
  const float* a = nullptr;  // [m, k], or [k, m] when transposed
  const float* b = nullptr;  // [k, n], or [n, k] when transposed
  MatmulOutput output;
  std::int64_t k = 0;
  TermSplit split;
  bool transpose_a = false;
  bool transpose_b = false;
};

// Tiles of c: extent in both directions.
enum class MatmulTile : std::uint8_t { small = 64, large = 128 };

// Rows of c up to which launch_matmul_rows serves.
inline constexpr std::int64_t kMatmulFewRows = 8;

void launch_matmul_tiles(Context& context, MatmulTile tile, const MatmulCall& call);
// With factors rounded as named.
void launch_matmul_bf16(Context& context, MatmulTile tile, const MatmulCall& call);
void launch_matmul_tf32(Context& context, MatmulTile tile, const MatmulCall& call);
void launch_matmul_rows(Context& context, const MatmulCall& call);
// Joins the runs of terms, in their order, when there are several.
void launch_matmul_join(Context& context, const MatmulCall& call);
// b [n, k] -> packed [k, n].
void launch_matmul_transpose(Context& context, const float* b, std::int64_t n, std::int64_t k,
                             float* packed);

}  // namespace lrcn::cuda
