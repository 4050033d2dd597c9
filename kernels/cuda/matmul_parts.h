// What the kernels of a matrix product share: op(a) op(b) of which several blocks may sum up parts
// of the terms, and what happens to a sum.
#pragma once

#include <cstdint>

#include "core/context.h"
#include "core/host_device.h"
#include "kernels/cuda/element.h"

namespace lrcn::cuda {

// A number in memory of the device that cuts an extent short; none: it is whole.
struct MatmulCut {
  const std::int32_t* limit = nullptr;  // [1]
  std::int64_t begin = 0;               // of the limit: what lies before is of another product

  // What is left of `extent`.
  __device__ std::int64_t of(std::int64_t extent) const {
    if (limit == nullptr) {
      return extent;
    }
    const std::int64_t left = *limit - begin;
    return left < 0 ? 0 : left < extent ? left : extent;
  }
};

// The terms 0 .. k-1 cut into `count` runs of `depth`, the last one shorter.
struct TermSplit {
  std::int64_t depth = 0;
  unsigned count = 1;
  MatmulCut cut = {};

  __device__ std::int64_t begin(unsigned run) const { return run * depth; }
  __device__ std::int64_t end(unsigned run, std::int64_t k) const {
    const std::int64_t terms = cut.of(k);
    const std::int64_t end = begin(run) + depth;
    return end < terms ? end : terms;
  }
  // Whether nothing is left of a run. Its sums are neither written nor read; those of the first
  // one are, so that a product of no terms has a result.
  __device__ bool lacks(unsigned run, std::int64_t k) const {
    return run > 0 && begin(run) >= cut.of(k);
  }
};

// Asked for the type of c with each result: nothing beside its sum, and kernels for each type would
// be twice as many.
struct MatmulOutput {
  float* c = nullptr;            // [m, pitch]
  BFloat16* narrow_c = nullptr;  // [m, pitch], instead of c
  const float* bias = nullptr;   // [n], or none
  float* partials = nullptr;     // [split.count, m, n]: sums of one run each; none: they are whole
  std::int64_t m = 0;            // rows(), in a kernel
  std::int64_t n = 0;
  std::int64_t pitch = 0;
  MatmulCut cut = {};  // of m
  bool accumulate = false;
  bool relu = false;
  bool pairs = false;  // two neighbours from an even column on may be written at once

  __device__ std::int64_t rows() const { return cut.of(m); }

  // act(sum (+ c_ij) (+ bias_j))
  __device__ float finished(std::int64_t i, std::int64_t j, float sum) const {
    float value = accumulate ? c[i * pitch + j] + sum : sum;
    value = bias != nullptr ? value + bias[j] : value;
    return relu && value < 0.0f ? 0.0f : value;  // a NaN stays
  }
  __device__ void finish(std::int64_t i, std::int64_t j, float sum) const {
    const float value = finished(i, j, sum);
    if (narrow_c != nullptr) {
      lrcn::cuda::store(narrow_c + i * pitch + j, value);
    } else {
      c[i * pitch + j] = value;
    }
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
  // Those of columns j, which is even, and j + 1.
  __device__ void store_two(std::int64_t i, std::int64_t j, unsigned run, float left,
                            float right) const {
    if (!pairs || partials != nullptr || i >= m || j + 1 >= n) {
      store(i, j, run, left);
      store(i, j + 1, run, right);
      return;
    }
    const Pack<float, 2> two{{finished(i, j, left), finished(i, j + 1, right)}};
    if (narrow_c != nullptr) {
      lrcn::cuda::store(reinterpret_cast<Pack<BFloat16, 2>*>(narrow_c + i * pitch + j), two);
    } else {
      *reinterpret_cast<Pack<float, 2>*>(c + i * pitch + j) = two;
    }
  }
};

// A factor in memory, f32 or bf16.
struct MatmulFactor {
  const void* data = nullptr;
  DType dtype = DType::f32;
  std::int64_t pitch = 0;  // columns of the stored matrix

  template <class T>
  LRCN_HOST_DEVICE const T* as() const {
    return static_cast<const T*>(data);
  }
};

struct MatmulCall {
  MatmulFactor a;  // [m, k], or [k, m] when transposed, with lines of a.pitch
  MatmulFactor b;  // [k, n], or [n, k] when transposed, without gaps
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

// Both factors f32.
void launch_matmul_tiles(Context& context, MatmulTile tile, const MatmulCall& call);
// Both factors f32, rounded on their way.
void launch_matmul_bf16(Context& context, MatmulTile tile, const MatmulCall& call);
void launch_matmul_tf32(Context& context, MatmulTile tile, const MatmulCall& call);
// Both factors bf16.
void launch_matmul_narrow(Context& context, MatmulTile tile, const MatmulCall& call);
// Factors of any types.
void launch_matmul_rows(Context& context, const MatmulCall& call);
// Joins the runs of terms, in their order, when there are several.
void launch_matmul_join(Context& context, const MatmulCall& call);
// Zeros in the rows of x [rows, pitch], f32 or bf16, that a cut leaves out: for products that read
// all of them.
void launch_matmul_clear(Context& context, const Tensor& x, const MatmulCut& cut);
// `to` = b, of as many elements as they lie; its type is that of b, or bf16.
void launch_matmul_copy(Context& context, const MatmulFactor& b, const Tensor& to);
// `to` [k, n] = b [n, k].
void launch_matmul_transpose(Context& context, const MatmulFactor& b, const Tensor& to);

}  // namespace lrcn::cuda
