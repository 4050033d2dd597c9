// Between f32 and bf16: one pass over memory as it lies, two elements a thread and step.
#include "kernels/cast.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/ptx/rounding.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kThreads = 256;

struct alignas(8) TwoFloats {
  float low;
  float high;
};

// x: f32 [size]; y: bf16 [size].
__global__ void cast_to_bf16_kernel(std::int64_t size, const float* x, std::uint16_t* y) {
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < size / 2;
       i += step) {
    const TwoFloats pair = reinterpret_cast<const TwoFloats*>(x)[i];
    reinterpret_cast<std::uint32_t*>(y)[i] = bf16_pair_of(pair.low, pair.high);
  }
  if (size % 2 != 0 && blockIdx.x == 0 && threadIdx.x == 0) {
    y[size - 1] = std::uint16_t(bf16_pair_of(x[size - 1], 0.0f));
  }
}

__global__ void cast_to_f32_kernel(std::int64_t size, const std::uint16_t* x, float* y) {
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < size / 2;
       i += step) {
    const std::uint32_t pair = reinterpret_cast<const std::uint32_t*>(x)[i];
    reinterpret_cast<TwoFloats*>(y)[i] = {low_of_bf16_pair(pair), high_of_bf16_pair(pair)};
  }
  if (size % 2 != 0 && blockIdx.x == 0 && threadIdx.x == 0) {
    y[size - 1] = low_of_bf16_pair(x[size - 1]);
  }
}

}  // namespace

void cast(Context& context, Tensor x, Tensor y) {
  check_cast(x, y);
  const auto size = std::int64_t(x.bytes() / size_of(x.spec.dtype));
  const auto at_8_bytes = [](const Tensor& tensor) {
    return reinterpret_cast<std::uintptr_t>(tensor.data) % alignof(TwoFloats) == 0;
  };
  check(at_8_bytes(x) && at_8_bytes(y), "cast: x and y must lie at multiples of 8 bytes");
  const unsigned blocks = blocks_for(size, 2 * kThreads);
  if (x.spec.dtype == DType::bf16) {
    launch(context, blocks, kThreads, 0, cast_to_f32_kernel, size,
           static_cast<const std::uint16_t*>(x.data), y.as<float>());
  } else {
    launch(context, blocks, kThreads, 0, cast_to_bf16_kernel, size, x.as<float>(),
           static_cast<std::uint16_t*>(y.data));
  }
}

}  // namespace lrcn::cuda
