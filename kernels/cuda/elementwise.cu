// Filling, copying, scaling and adding: one pass over memory each, as it lies.
#include <algorithm>
#include <vector>

#include "core/cuda/stream.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/padding.h"
#include "kernels/elementwise.h"

namespace lrcn::cuda {
namespace {

// Not a map of no inputs: the compiler of CUDA 13.0 breaks off at an empty list of them.
template <class T>
__global__ void fill_kernel(float value, std::int64_t size, bool aligned, T* y) {
  const FourOf<float> four = {{value, value, value, value}};
  walk_fours(
      size, aligned, [&](std::int64_t i) { store(fours_of(y) + i, four); },
      [&](std::int64_t i) { store(y + i, value); });
}

struct Scaled {
  float factor;
  __device__ float operator()(float x) const { return factor * x; }
};

struct Sum {
  __device__ float operator()(float a, float b) const { return a + b; }
  __device__ FourOf<float> operator()(const FourOf<float>& a, const FourOf<float>& b) const {
    return map_four(*this, a, b);
  }
};

// Tensors that one kernel adds.
template <class T>
struct Addends {
  static constexpr int kMost = 8;

  const T* at[kMost];
  int count;

  // Their sum from left to right at `i` of what view(x) makes of a tensor x. Goes through all
  // places, so that `at` is indexed by constants and stays out of local memory.
  template <class View>
  __device__ auto sum(std::int64_t i, const View& view) const {
    auto total = load(view(at[0]) + i);
    for (int k = 1; k < kMost; ++k) {
      if (k < count) {
        total = Sum()(total, load(view(at[k]) + i));
      }
    }
    return total;
  }
};

// y = x[0] + x[1] + ..., rounded once; y may be x[0].
template <class T>
__global__ void sum_kernel(Addends<T> x, std::int64_t size, bool aligned, T* y) {
  const auto fours = [](const T* of) { return fours_of(of); };
  const auto ones = [](const T* of) { return of; };
  walk_fours(
      size, aligned, [=](std::int64_t i) { store(fours_of(y) + i, x.sum(i, fours)); },
      [=](std::int64_t i) { store(y + i, x.sum(i, ones)); });
}

// At most kMost of them.
void add_up(Context& context, std::span<const Tensor> x, const Tensor& y) {
  const std::int64_t size = memory_elements(y);
  with_element(y.spec.dtype, [&]<class T>(T) {
    Addends<T> addends{.at = {}, .count = int(x.size())};
    bool aligned = at_fours(y);
    for (std::size_t i = 0; i < x.size(); ++i) {
      addends.at[i] = x[i].as<T>();
      aligned = aligned && at_fours(x[i]);
    }
    launch(context, map_blocks(size), kMapThreads, 0, sum_kernel<T>, addends, size, aligned,
           y.as<T>());
  });
}

}  // namespace

void fill_with(Context& context, Tensor y, float value) {
  check_activation("fill_with", "y", y);
  const std::int64_t size = memory_elements(y);
  with_element(y.spec.dtype, [&]<class T>(T) {
    launch(context, map_blocks(size), kMapThreads, 0, fill_kernel<T>, value, size, at_fours(y),
           y.as<T>());
  });
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
  check_activation("scale_by", "x", x);
  check_like("scale_by", "y", y, x);
  map(context, Scaled{factor}, y, x);
}

void sum_of(Context& context, std::span<const Tensor> x, Tensor y) {
  check(!x.empty(), "sum_of: needs at least one input, got none");
  for (const Tensor& input : x) {
    check_activation("sum_of", "x", input);
    check_like("sum_of", "y", y, input);
  }
  if (x.size() == 1) {
    copy_to(context, x[0], y);
    return;
  }
  constexpr std::size_t kMost = Addends<float>::kMost;
  add_up(context, x.first(std::min(x.size(), kMost)), y);
  for (std::size_t begin = kMost; begin < x.size(); begin += kMost - 1) {
    std::vector<Tensor> rest = {y};
    for (const Tensor& input : x.subspan(begin, std::min(x.size() - begin, kMost - 1))) {
      rest.push_back(input);
    }
    add_up(context, rest, y);
  }
}

void add_in_place(Context& context, Tensor x, Tensor y) {
  check_activation("add_in_place", "x", x);
  check_like("add_in_place", "y", y, x);
  map(context, Sum{}, y, y, x);
}

}  // namespace lrcn::cuda
