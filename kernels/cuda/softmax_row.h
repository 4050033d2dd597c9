// The parts of a numerically safe softmax over one row, of f32 or bf16, that a block walks along.
//
// `scratch`: kReduceBytes of shared memory. Each thread sums up to a few dozen terms in float and
// the block joins the sums in double.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/cuda/block_reduce.h"
#include "kernels/cuda/element.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {

// Terms that a thread sums in float before the sum goes on in double.
inline constexpr std::int64_t kFloatTerms = 32;

// The largest element; NaN is passed over, -inf for a row of nothing else.
template <class T>
__device__ float row_max(const T* x, std::int64_t size, void* scratch) {
  float largest = -std::numeric_limits<float>::infinity();
  for (std::int64_t i = threadIdx.x; i < size; i += blockDim.x) {
    largest = Larger()(largest, load(x + i));
  }
  return block_reduce(largest, scratch, Larger());
}

// Sum of f(i) over the row.
template <class F>
__device__ double row_sum(std::int64_t size, void* scratch, const F& f) {
  double total = 0.0;
  for (std::int64_t begin = threadIdx.x; begin < size; begin += kFloatTerms * blockDim.x) {
    float sum = 0.0f;
    const std::int64_t end = begin + kFloatTerms * blockDim.x;
    for (std::int64_t i = begin; i < end && i < size; i += blockDim.x) {
      sum += f(i);
    }
    total += double(sum);
  }
  return block_reduce(total, scratch, Added());
}

// Sum of exp(x - shift).
template <class T>
__device__ double row_exp_sum(const T* x, std::int64_t size, float shift, void* scratch) {
  return row_sum(size, scratch, [=](std::int64_t i) { return vector_exp(load(x + i) - shift); });
}

// Threads for rows of `size` elements: a warp for short rows.
inline unsigned row_threads(std::int64_t size) { return size <= 128 ? 32 : 256; }

}  // namespace lrcn::cuda
