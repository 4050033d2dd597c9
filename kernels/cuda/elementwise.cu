// Filling, copying, scaling and adding: one pass over memory each, as it lies.
#include "core/cuda/stream.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/padding.h"
#include "kernels/elementwise.h"

namespace lrcn::cuda {
namespace {

// Not a map of no inputs: the compiler of CUDA 13.0 breaks off at an empty list of them.
__global__ void fill_kernel(float value, std::int64_t size, bool aligned, float* y) {
  const std::int64_t first = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  const std::int64_t fours = aligned ? size / 4 : 0;
  for (std::int64_t i = first; i < fours; i += step) {
    reinterpret_cast<FourFloats*>(y)[i] = {{value, value, value, value}};
  }
  for (std::int64_t i = 4 * fours + first; i < size; i += step) {
    y[i] = value;
  }
}

struct Scaled {
  float factor;
  __device__ float operator()(float x) const { return factor * x; }
};

struct Sum {
  __device__ float operator()(float a, float b) const { return a + b; }
};

}  // namespace

void fill_with(Context& context, Tensor y, float value) {
  check_floats("fill_with", "y", y);
  const auto size = std::int64_t(y.bytes() / sizeof(float));
  launch(context, blocks_for(size, 4 * kMapThreads), kMapThreads, 0, fill_kernel, value, size,
         is_aligned(y), y.as<float>());
  if (value != 0.0f) {
    clear_padding(context, y);
  }
}

void copy_to(Context& context, Tensor x, Tensor y) {
  check_present("copy_to", "x", x);
  check_like("copy_to", "y", y, x);
  if (x.data != y.data && x.bytes() > 0) {
    enqueue_copy(context, y.data, x.data, x.bytes());
  }
}

void scale_by(Context& context, Tensor x, float factor, Tensor y) {
  check_floats("scale_by", "x", x);
  check_like("scale_by", "y", y, x);
  map(context, Scaled{factor}, y, x);
}

void sum_of(Context& context, std::span<const Tensor> x, Tensor y) {
  check(!x.empty(), "sum_of: needs at least one input, got none");
  for (const Tensor& input : x) {
    check_floats("sum_of", "x", input);
    check_like("sum_of", "y", y, input);
  }
  if (x.size() == 1) {
    copy_to(context, x[0], y);
    return;
  }
  map(context, Sum{}, y, x[0], x[1]);
  for (const Tensor& input : x.subspan(2)) {
    map(context, Sum{}, y, y, input);
  }
}

void add_in_place(Context& context, Tensor x, Tensor y) {
  check_floats("add_in_place", "x", x);
  check_like("add_in_place", "y", y, x);
  map(context, Sum{}, y, y, x);
}

}  // namespace lrcn::cuda
