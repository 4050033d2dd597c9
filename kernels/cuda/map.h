// Elementwise operations: y[i] = f(x[i], ...) over memory as it lies, padding of blocked layouts
// included.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"

namespace lrcn::cuda {

template <class F, class... X>
__device__ FourOf<float> map_four(const F& f, const X&... x) {
  FourOf<float> y;
  for (int i = 0; i < 4; ++i) {
    y.at[i] = f(x.at[i]...);
  }
  return y;
}

// Calls four(i) for the packs of four elements that fall to this thread and one(i) for single
// elements, none twice; all of them together are all. Packs where `aligned` says that the memory of
// all tensors is aligned to them.
template <class Four, class One>
__device__ void walk_fours(std::int64_t size, bool aligned, const Four& four, const One& one) {
  const std::int64_t first = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  const std::int64_t fours = aligned ? size / 4 : 0;
  for (std::int64_t i = first; i < fours; i += step) {
    four(i);
  }
  for (std::int64_t i = 4 * fours + first; i < size; i += step) {
    one(i);
  }
}

template <class T>
__device__ FourOf<T>* fours_of(T* x) {
  return reinterpret_cast<FourOf<T>*>(x);
}
template <class T>
__device__ const FourOf<T>* fours_of(const T* x) {
  return reinterpret_cast<const FourOf<T>*>(x);
}

// A thread reads an element before it writes it and no other thread touches it: y may be one of x.
template <class T, class F, class... X>
__global__ void map_kernel(F f, std::int64_t size, bool aligned, T* y, const X*... x) {
  walk_fours(
      size, aligned,
      [&](std::int64_t i) { store(fours_of(y) + i, map_four(f, load(fours_of(x) + i)...)); },
      [&](std::int64_t i) { store(y + i, f(load(x + i)...)); });
}

// Elements in memory, the padding of blocked layouts included.
inline std::int64_t memory_elements(const Tensor& x) {
  return std::int64_t(x.bytes() / size_of(x.spec.dtype));
}

inline bool at_fours(const Tensor& x) { return is_aligned(x.data, 4 * size_of(x.spec.dtype)); }

inline constexpr unsigned kMapThreads = 256;

inline unsigned map_blocks(std::int64_t size) { return blocks_for(size, 4 * kMapThreads); }

template <class, class T>
using Same = T;

// y, x: all f32 or all bf16, of as many elements in memory. F: a small struct with a __device__
// operator() from floats to a float.
template <class F, class... X>
void map(Context& context, const F& f, const Tensor& y, const X&... x) {
  const std::int64_t size = memory_elements(y);
  const bool aligned = (at_fours(y) && ... && at_fours(x));
  with_element(y.spec.dtype, [&]<class T>(T) {
    void (*const kernel)(F, std::int64_t, bool, T*, const Same<X, T>*...) =
        map_kernel<T, F, Same<X, T>...>;
    launch(context, map_blocks(size), kMapThreads, 0, kernel, f, size, aligned, y.as<T>(),
           x.template as<T>()...);
  });
}

}  // namespace lrcn::cuda
