// The parts of a numerically safe softmax over one row, of f32 or bf16, that a block walks along.
//
// `scratch`: kReduceBytes of shared memory. Each thread sums up to a few dozen terms in float and
// the block joins the sums in double. `wide`: the row begins at a multiple of 16 bytes and is read
// so many at a time.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/cuda/block_reduce.h"
#include "kernels/cuda/element.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {

// Terms that a thread sums in float before the sum goes on in double.
inline constexpr int kFloatTerms = 32;

template <class T>
using RowPack = Pack<T, 16 / int(sizeof(T))>;

// Whether rows of `pitch` elements from x on may be read as packs.
template <class T>
bool has_wide_rows(const T* x, std::int64_t pitch) {
  return pitch * std::int64_t(sizeof(T)) % 16 == 0 && is_aligned(x, 16);
}

// Calls body(v, x_v) for the elements that fall to this thread, in ascending order.
template <class T, class Body>
__device__ void each_of_row(const T* x, std::int64_t size, bool wide, const Body& body) {
  constexpr int kWide = 16 / int(sizeof(T));
  const std::int64_t packs = wide ? size / kWide : 0;
  for (std::int64_t p = threadIdx.x; p < packs; p += blockDim.x) {
    const auto values = load(reinterpret_cast<const RowPack<T>*>(x) + p);
#pragma unroll
    for (int q = 0; q < kWide; ++q) {
      body(p * kWide + q, values.at[q]);
    }
  }
  for (std::int64_t v = packs * kWide + threadIdx.x; v < size; v += blockDim.x) {
    body(v, load(x + v));
  }
}

// x_v = f(v, x_v)
template <class T, class F>
__device__ void change_row(T* x, std::int64_t size, bool wide, const F& f) {
  constexpr int kWide = 16 / int(sizeof(T));
  const std::int64_t packs = wide ? size / kWide : 0;
  for (std::int64_t p = threadIdx.x; p < packs; p += blockDim.x) {
    auto* pack = reinterpret_cast<RowPack<T>*>(x) + p;
    auto values = load(pack);
#pragma unroll
    for (int q = 0; q < kWide; ++q) {
      values.at[q] = f(p * kWide + q, values.at[q]);
    }
    store(pack, values);
  }
  for (std::int64_t v = packs * kWide + threadIdx.x; v < size; v += blockDim.x) {
    store(x + v, f(v, load(x + v)));
  }
}

// The largest element; NaN is passed over, -inf for a row of nothing else.
template <class T>
__device__ float row_max(const T* x, std::int64_t size, void* scratch) {
  float largest = -std::numeric_limits<float>::infinity();
  each_of_row(x, size, false,
              [&](std::int64_t, float value) { largest = Larger()(largest, value); });
  return block_reduce(largest, scratch, Larger());
}

// Sum of exp(x - shift).
template <class T>
__device__ double row_exp_sum(const T* x, std::int64_t size, float shift, void* scratch,
                              bool wide = false) {
  double total = 0.0;
  float sum = 0.0f;
  int terms = 0;
  each_of_row(x, size, wide, [&](std::int64_t, float value) {
    sum += vector_exp(value - shift);
    if (++terms % kFloatTerms == 0) {
      total += double(sum);
      sum = 0.0f;
    }
  });
  return block_reduce(total + double(sum), scratch, Added());
}

// Threads for rows of `size` elements: a warp for short rows.
inline unsigned row_threads(std::int64_t size) { return size <= 128 ? 32 : 256; }

}  // namespace lrcn::cuda
