// Reductions over a whole tensor: each block joins a part of it, and one block joins the parts. The
// order depends on the size of the tensor alone.
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/check_tensor.h"
#include "kernels/cuda/block_reduce.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/partials.h"
#include "kernels/reduce.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kThreads = 256;
constexpr std::uint32_t kMagnitude = 0x7fffffffu;
constexpr std::uint32_t kInfinity = 0x7f800000u;

// A reduction has a Value, that of nothing, that of one element, and a way to join two.
struct ValueSum : Added {
  using Value = double;
  __device__ static Value nothing() { return 0.0; }
  __device__ static Value of(float x, std::int64_t) { return double(x); }
};

struct SquareSum : Added {
  using Value = double;
  __device__ static Value nothing() { return 0.0; }
  __device__ static Value of(float x, std::int64_t) { return double(x) * double(x); }
};

// As integers magnitudes are ordered like floats, with NaN above infinity.
struct LargestMagnitude : Larger {
  using Value = std::uint32_t;
  __device__ static Value nothing() { return 0; }
  __device__ static Value of(float x, std::int64_t) {
    return std::bit_cast<std::uint32_t>(x) & kMagnitude;
  }
};

struct NonFinite {
  std::int32_t count;
  std::int32_t first;  // the largest integer: none
};

struct NonFiniteCount {
  using Value = NonFinite;
  __device__ static Value nothing() { return {0, std::numeric_limits<std::int32_t>::max()}; }
  __device__ static Value of(float x, std::int64_t i) {
    const bool found = (std::bit_cast<std::uint32_t>(x) & kMagnitude) >= kInfinity;
    return found ? Value{1, std::int32_t(i)} : nothing();
  }
  __device__ Value operator()(Value a, Value b) const {
    return {a.count + b.count, a.first < b.first ? a.first : b.first};
  }
};

// What the last kernel does with the result.
struct StoreFloat {
  float* result;
  __device__ void operator()(double sum) const { *result = float(sum); }
  __device__ void operator()(std::uint32_t bits) const { *result = std::bit_cast<float>(bits); }
};

struct StoreRoot {
  float* result;
  __device__ void operator()(double sum) const { *result = float(std::sqrt(sum)); }
};

struct StoreNonFinite {
  std::int32_t* result;
  __device__ void operator()(NonFinite found) const {
    result[0] = found.count;
    result[1] = found.count > 0 ? found.first : -1;
  }
};

struct StoreClip {
  float* norm;
  StepState* state;
  ClipNormOptions options;

  __device__ void operator()(double sum) const {
    const double scale = options.gradient_scale;
    const double length = std::fabs(scale) * std::sqrt(sum);
    const double limit = options.max_norm;
    const double factor = limit > 0.0 && length > limit ? limit / length : 1.0;
    state->gradient_scale =
        std::isfinite(length) ? float(scale * factor) : std::numeric_limits<float>::quiet_NaN();
    *norm = float(length);
  }
};

struct Clipped {
  float limit;
  // A NaN fails both comparisons and stays.
  __device__ float operator()(float x) const {
    const float below = x > limit ? limit : x;
    return below < -limit ? -limit : below;
  }
};

template <class Reduction>
__global__ void reduce_kernel(const float* x, std::int64_t size,
                              typename Reduction::Value* partials) {
  auto value = Reduction::nothing();
  const std::int64_t step = std::int64_t(gridDim.x) * blockDim.x;
  for (std::int64_t i = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += step) {
    value = Reduction()(value, Reduction::of(x[i], i));
  }
  value = block_reduce(value, dynamic_shared<void>(), Reduction());
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = value;
  }
}

// One block.
template <class Reduction, class Store>
__global__ void finish_kernel(const typename Reduction::Value* partials, unsigned count,
                              Store store) {
  auto value = Reduction::nothing();
  for (unsigned i = threadIdx.x; i < count; i += blockDim.x) {
    value = Reduction()(value, partials[i]);
  }
  value = block_reduce(value, dynamic_shared<void>(), Reduction());
  if (threadIdx.x == 0) {
    store(value);
  }
}

template <class Reduction, class Store>
void reduce(Context& context, const Tensor& x, const Store& store) {
  const auto size = std::int64_t(x.bytes() / sizeof(float));
  const unsigned blocks = blocks_for(size, 4 * kThreads, Partials::kMost);
  auto* partials = context.handle<Partials>().as<typename Reduction::Value>();
  launch(context, blocks, kThreads, kReduceBytes, reduce_kernel<Reduction>, x.as<float>(), size,
         partials);
  launch(context, 1, kThreads, kReduceBytes, finish_kernel<Reduction, Store>, partials, blocks,
         store);
}

float* check_result(const char* op, const Tensor& x, const Tensor& result) {
  check_floats(op, "x", x);
  check_plain(op, "result", result, DType::f32, {1});
  return result.as<float>();
}

}  // namespace

void sum_of_values(Context& context, Tensor x, Tensor result) {
  reduce<ValueSum>(context, x, StoreFloat{check_result("sum_of_values", x, result)});
}

void sum_of_squares(Context& context, Tensor x, Tensor result) {
  reduce<SquareSum>(context, x, StoreFloat{check_result("sum_of_squares", x, result)});
}

void l2_norm_of(Context& context, Tensor x, Tensor result) {
  reduce<SquareSum>(context, x, StoreRoot{check_result("l2_norm_of", x, result)});
}

void max_abs_of(Context& context, Tensor x, Tensor result) {
  reduce<LargestMagnitude>(context, x, StoreFloat{check_result("max_abs_of", x, result)});
}

void count_non_finite(Context& context, Tensor x, Tensor result) {
  check_count_non_finite(x, result);
  reduce<NonFiniteCount>(context, x, StoreNonFinite{result.as<std::int32_t>()});
}

void clip_values(Context& context, Tensor x, float limit) {
  check_floats("clip_values", "x", x);
  check(limit >= 0.0f, "clip_values: limit must be >= 0, got ", limit);
  map(context, Clipped{limit}, x, x);
}

void clip_norm(Context& context, Tensor x, Tensor norm, const ClipNormOptions& options) {
  float* result = check_result("clip_norm", x, norm);
  check(options.max_norm >= 0.0f, "clip_norm: max_norm must be >= 0, got ", options.max_norm);
  reduce<SquareSum>(context, x, StoreClip{result, context.step_state_memory(), options});
}

}  // namespace lrcn::cuda
