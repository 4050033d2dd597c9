// Elementwise operations: y[i] = f(x[i], ...) over memory as it lies, padding of blocked layouts
// included.
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"

namespace lrcn::cuda {

struct alignas(16) FourFloats {
  float at[4];
};

template <class F, class... X>
__device__ FourFloats map_four(const F& f, const X&... x) {
  FourFloats y;
  for (int i = 0; i < 4; ++i) {
    y.at[i] = f(x.at[i]...);
  }
  return y;
}

// Four elements a thread and step where `aligned` says that all pointers are at 16 bytes. A thread
// reads an element before it writes it and no other thread touches it: y may be one of x.
template <class F, class... X>
__global__ void map_kernel(F f, std::int64_t size, bool aligned, float* y, const X*... x) {
  const std::int64_t first = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  const std::int64_t fours = aligned ? size / 4 : 0;
  for (std::int64_t i = first; i < fours; i += step) {
    reinterpret_cast<FourFloats*>(y)[i] = map_four(f, reinterpret_cast<const FourFloats*>(x)[i]...);
  }
  for (std::int64_t i = 4 * fours + first; i < size; i += step) {
    y[i] = f(x[i]...);
  }
}

inline bool is_aligned(const Tensor& x) {
  return reinterpret_cast<std::uintptr_t>(x.data) % alignof(FourFloats) == 0;
}

template <class>
struct FloatFor {
  using Type = float;
};

inline constexpr unsigned kMapThreads = 256;

// y, x: f32 of as many elements in memory. F: a small struct with a __device__ operator().
template <class F, class... X>
void map(Context& context, const F& f, const Tensor& y, const X&... x) {
  const auto size = std::int64_t(y.bytes() / sizeof(float));
  const bool aligned = (is_aligned(y) && ... && is_aligned(x));
  void (*const kernel)(F, std::int64_t, bool, float*, const typename FloatFor<X>::Type*...) =
      map_kernel<F, typename FloatFor<X>::Type...>;
  launch(context, blocks_for(size, 4 * kMapThreads), kMapThreads, 0, kernel, f, size, aligned,
         y.as<float>(), x.template as<float>()...);
}

}  // namespace lrcn::cuda
