// Normalisation across channels: a thread computes one element; the channels around it are in the
// caches, as its neighbours read them too. Forward saves the sums, and backward first writes the
// terms that neighbouring channels share.
#include <algorithm>
#include <cmath>

#include "kernels/check_tensor.h"
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/image_layout.h"
#include "kernels/cuda/plane_walk.h"
#include "kernels/lrn.h"

namespace lrcn::cuda {
namespace {

constexpr const char* kOp = "lrn";

// The problem as its kernels need it. Memory is [planes, pixels, block]: a block of channels lies
// side by side.
struct LrnWalk {
  std::int64_t planes;
  std::int32_t plane;       // elements
  Divisor planes_of_image;  // along the channels
  Divisor block;
  std::int32_t channels;
  std::int32_t half;  // of the window, without its middle
  float alpha_by_size;
  float beta;
  float k;

  LrnWalk(const LrnProblem& problem, const ImageLayout& layout)
      : planes(layout.images * layout.stored_channels / layout.block),
        plane(std::int32_t(layout.pixels * layout.block)),
        planes_of_image(layout.stored_channels / layout.block),
        block(layout.block),
        channels(std::int32_t(layout.channels)),
        half(std::int32_t(std::min(problem.size / 2, layout.channels))),
        alpha_by_size(problem.alpha / float(problem.size)),
        beta(problem.beta),
        k(problem.k) {
    check(planes < (std::int64_t(1) << 31), kOp, ": CUDA kernels count up to 2^31 planes, got ",
          planes);
  }

  // What an element needs to know of its place: the window holds channels [begin, end).
  struct Element {
    std::int64_t image;  // memory of channel 0, pixel 0
    std::int32_t pixel;
    std::int32_t channel;
    std::int32_t begin;
    std::int32_t end;
  };
  __device__ Element element(std::int64_t at, std::int32_t position) const {
    const auto [n, plane_of_image] = planes_of_image(std::int32_t(at));
    const auto [pixel, lane] = block(position);
    const std::int32_t c = plane_of_image * block.value() + lane;
    const std::int32_t begin = c - half;
    const std::int32_t end = c + half + 1;
    return {(at - plane_of_image) * plane, pixel, c, begin < 0 ? 0 : begin,
            end < channels ? end : channels};
  }
  // Memory of channel c of the same pixel.
  __device__ std::int64_t offset(const Element& e, std::int32_t c) const {
    const auto [b, lane] = block(c);
    return e.image + std::int64_t(b) * plane + e.pixel * block.value() + lane;
  }
};

// s^-beta
__device__ inline float lrn_factor(float s, float beta) {
  if (beta == 0.5f || beta == 0.75f) {
    const float root = 1.0f / std::sqrt(s);
    return beta == 0.5f ? root : root * std::sqrt(root);
  }
  return std::pow(s, -beta);
}

// y = x s^-beta with s = k + alpha/size sum x^2 over the window, zero in channels that only fill a
// block. saved: s, or nothing.
template <class T>
__global__ void lrn_forward_kernel(LrnWalk walk, const T* x, T* y, float* saved) {
  walk_planes(walk.planes, walk.plane, [&](std::int64_t plane, std::int32_t position) {
    const LrnWalk::Element e = walk.element(plane, position);
    const std::int64_t own = plane * walk.plane + position;
    if (e.channel >= walk.channels) {
      store(y + own, 0.0f);
      return;
    }
    float sum = 0.0f;
    for (std::int32_t j = e.begin; j < e.end; ++j) {
      const float value = load(x + walk.offset(e, j));
      sum += value * value;
    }
    const float s = walk.k + walk.alpha_by_size * sum;
    store(y + own, load(x + own) * lrn_factor(s, walk.beta));
    if (saved != nullptr) {
      saved[own] = s;
    }
  });
}

// term = dy x s^(-beta-1)
template <class T>
__global__ void lrn_terms_kernel(LrnWalk walk, const T* x, const T* dy, const float* saved,
                                 float* terms) {
  walk_planes(walk.planes, walk.plane, [&](std::int64_t plane, std::int32_t position) {
    const LrnWalk::Element e = walk.element(plane, position);
    const std::int64_t own = plane * walk.plane + position;
    if (e.channel < walk.channels) {
      const float s = saved[own];
      terms[own] = load(dy + own) * load(x + own) * lrn_factor(s, walk.beta) / s;
    }
  });
}

// dx = dy s^-beta - 2 alpha beta/size x sum of the terms over the window
template <class T>
__global__ void lrn_backward_kernel(LrnWalk walk, const T* x, const T* dy, const float* saved,
                                    const float* terms, T* dx) {
  const float weight = 2.0f * walk.alpha_by_size * walk.beta;
  walk_planes(walk.planes, walk.plane, [&](std::int64_t plane, std::int32_t position) {
    const LrnWalk::Element e = walk.element(plane, position);
    const std::int64_t own = plane * walk.plane + position;
    if (e.channel >= walk.channels) {
      store(dx + own, 0.0f);
      return;
    }
    float sum = 0.0f;
    for (std::int32_t j = e.begin; j < e.end; ++j) {
      sum += terms[walk.offset(e, j)];
    }
    const float direct = load(dy + own) * lrn_factor(saved[own], walk.beta);
    store(dx + own, direct - weight * load(x + own) * sum);
  });
}

class Lrn final : public LrnKernel {
 public:
  Lrn(const LrnProblem& problem, const ImageLayout& layout)
      : problem_(problem),
        shape_(layout.images * layout.stored_channels / layout.block, layout.pixels * layout.block),
        walk_(problem, layout) {}

  const TensorSpec& x_spec() const override { return problem_.x; }
  // One f32 for each element, padding included.
  std::size_t saved_bytes() const override {
    const std::size_t elements = problem_.x.bytes() / size_of(problem_.x.dtype);
    return problem_.backward ? elements * sizeof(float) : 0;
  }
  std::size_t scratch_bytes() const override { return saved_bytes(); }

  void forward(Context& context, const LrnArguments& arguments) const override {
    check_devices("lrn", context.device(), arguments);
    const auto& [x, y, saved, scratch] = arguments;
    check_tensor("x", x);
    check_tensor("y", y);
    check_bytes(kOp, "saved", saved, saved_bytes());
    auto* sums = saved_bytes() > 0 ? static_cast<float*>(saved.data) : nullptr;
    with_element(x.spec.dtype, [&]<class T>(T) {
      launch(context, shape_.grid, shape_.threads, 0, lrn_forward_kernel<T>, walk_,
             arguments.x.as<T>(), arguments.y.as<T>(), sums);
    });
  }

  void backward(Context& context, const LrnGradients& arguments) const override {
    check_devices("lrn", context.device(), arguments);
    const auto& [x, dy, saved, dx, scratch] = arguments;
    check(problem_.backward, kOp, ": backward was called, but not planned");
    check_tensor("x", x);
    check_tensor("dy", dy);
    check_tensor("dx", dx);
    check_bytes(kOp, "saved", saved, saved_bytes());
    check_bytes(kOp, "scratch", scratch, scratch_bytes());
    const auto* sums = static_cast<const float*>(saved.data);
    auto* terms = static_cast<float*>(scratch.data);
    with_element(x.spec.dtype, [&]<class T>(T) {
      const T* from = arguments.x.as<T>();
      const T* gradient = arguments.dy.as<T>();
      launch(context, shape_.grid, shape_.threads, 0, lrn_terms_kernel<T>, walk_, from, gradient,
             sums, terms);
      launch(context, shape_.grid, shape_.threads, 0, lrn_backward_kernel<T>, walk_, from, gradient,
             sums, terms, arguments.dx.as<T>());
    });
  }

 private:
  void check_tensor(const char* name, const Tensor& tensor) const {
    check_spec(kOp, name, tensor, problem_.x);
    check_present(kOp, name, tensor);
  }

  LrnProblem problem_;
  PlaneGrid shape_;
  LrnWalk walk_;
};

}  // namespace

std::unique_ptr<LrnKernel> plan_lrn(Context& context, const LrnProblem& problem) {
  check_lrn(problem, context.device());
  return std::make_unique<Lrn>(problem, ImageLayout(problem.x));
}

}  // namespace lrcn::cuda
