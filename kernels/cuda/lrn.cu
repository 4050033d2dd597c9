// Normalisation across channels: a thread computes one element; the channels around it are in the
// caches, as its neighbours read them too. Forward saves the sums, and backward first writes the
// terms that neighbouring channels share.
#include <algorithm>
#include <cmath>

#include "kernels/check_tensor.h"
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/image_layout.h"
#include "kernels/cuda/plane_walk.h"
#include "kernels/lrn.h"

namespace lrcn::cuda {
namespace {

constexpr const char* kOp = "lrn";

struct LrnParameters {
  std::int32_t channels;
  std::int32_t half;  // of the window, without its middle
  float alpha_by_size;
  float beta;
  float k;
};

// Memory is [planes, pixels, block]: a block of channels lies side by side.
struct LrnWalk {
  LrnParameters parameters;
  std::int64_t planes;
  std::int32_t plane;       // elements
  Divisor planes_of_image;  // along the channels
  Divisor block;

  LrnWalk(const LrnParameters& parameters_, const ImageLayout& layout)
      : parameters(parameters_),
        planes(layout.images * layout.stored_channels / layout.block),
        plane(std::int32_t(layout.pixels * layout.block)),
        planes_of_image(layout.stored_channels / layout.block),
        block(layout.block) {
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
    const std::int32_t begin = c - parameters.half;
    const std::int32_t end = c + parameters.half + 1;
    return {(at - plane_of_image) * plane, pixel, c, begin < 0 ? 0 : begin,
            end < parameters.channels ? end : parameters.channels};
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
__global__ void lrn_forward_kernel(LrnWalk walk, const float* x, float* y, float* saved) {
  walk_planes(walk.planes, walk.plane, [&](std::int64_t plane, std::int32_t position) {
    const LrnWalk::Element e = walk.element(plane, position);
    const std::int64_t own = plane * walk.plane + position;
    if (e.channel >= walk.parameters.channels) {
      y[own] = 0.0f;
      return;
    }
    float sum = 0.0f;
    for (std::int32_t j = e.begin; j < e.end; ++j) {
      const float value = x[walk.offset(e, j)];
      sum += value * value;
    }
    const float s = walk.parameters.k + walk.parameters.alpha_by_size * sum;
    y[own] = x[own] * lrn_factor(s, walk.parameters.beta);
    if (saved != nullptr) {
      saved[own] = s;
    }
  });
}

// term = dy x s^(-beta-1)
__global__ void lrn_terms_kernel(LrnWalk walk, const float* x, const float* dy, const float* saved,
                                 float* terms) {
  walk_planes(walk.planes, walk.plane, [&](std::int64_t plane, std::int32_t position) {
    const LrnWalk::Element e = walk.element(plane, position);
    const std::int64_t own = plane * walk.plane + position;
    if (e.channel < walk.parameters.channels) {
      const float s = saved[own];
      terms[own] = dy[own] * x[own] * lrn_factor(s, walk.parameters.beta) / s;
    }
  });
}

// dx = dy s^-beta - 2 alpha beta/size x sum of the terms over the window
__global__ void lrn_backward_kernel(LrnWalk walk, const float* x, const float* dy,
                                    const float* saved, const float* terms, float* dx) {
  const float weight = 2.0f * walk.parameters.alpha_by_size * walk.parameters.beta;
  walk_planes(walk.planes, walk.plane, [&](std::int64_t plane, std::int32_t position) {
    const LrnWalk::Element e = walk.element(plane, position);
    const std::int64_t own = plane * walk.plane + position;
    if (e.channel >= walk.parameters.channels) {
      dx[own] = 0.0f;
      return;
    }
    float sum = 0.0f;
    for (std::int32_t j = e.begin; j < e.end; ++j) {
      sum += terms[walk.offset(e, j)];
    }
    dx[own] = dy[own] * lrn_factor(saved[own], walk.parameters.beta) - weight * x[own] * sum;
  });
}

class Lrn final : public LrnKernel {
 public:
  explicit Lrn(const LrnProblem& problem)
      : problem_(problem), layout_(problem.x), shape_(1, layout_.pixels * layout_.block) {
    const auto half = std::min(problem.size / 2, layout_.channels);
    parameters_ = {std::int32_t(layout_.channels), std::int32_t(half),
                   problem.alpha / float(problem.size), problem.beta, problem.k};
    shape_ = PlaneGrid(walk().planes, walk().plane);
  }

  const TensorSpec& x_spec() const override { return problem_.x; }
  std::size_t saved_bytes() const override { return problem_.backward ? problem_.x.bytes() : 0; }
  std::size_t scratch_bytes() const override { return saved_bytes(); }

  void forward(Context& context, const LrnArguments& arguments) const override {
    const auto& [x, y, saved, scratch] = arguments;
    check_tensor("x", x);
    check_tensor("y", y);
    check_bytes(kOp, "saved", saved, saved_bytes());
    launch(context, shape_.grid, shape_.threads, 0, lrn_forward_kernel, walk(), x.as<float>(),
           y.as<float>(), saved_bytes() > 0 ? static_cast<float*>(saved.data) : nullptr);
  }

  void backward(Context& context, const LrnGradients& arguments) const override {
    const auto& [x, dy, saved, dx, scratch] = arguments;
    check(problem_.backward, kOp, ": backward was called, but not planned");
    check_tensor("x", x);
    check_tensor("dy", dy);
    check_tensor("dx", dx);
    check_bytes(kOp, "saved", saved, saved_bytes());
    check_bytes(kOp, "scratch", scratch, scratch_bytes());
    const auto* sums = static_cast<const float*>(saved.data);
    auto* terms = static_cast<float*>(scratch.data);
    launch(context, shape_.grid, shape_.threads, 0, lrn_terms_kernel, walk(), x.as<float>(),
           dy.as<float>(), sums, terms);
    launch(context, shape_.grid, shape_.threads, 0, lrn_backward_kernel, walk(), x.as<float>(),
           dy.as<float>(), sums, terms, dx.as<float>());
  }

 private:
  void check_tensor(const char* name, const Tensor& tensor) const {
    check_spec(kOp, name, tensor, problem_.x);
    check_present(kOp, name, tensor);
  }
  LrnWalk walk() const { return LrnWalk(parameters_, layout_); }

  LrnProblem problem_;
  ImageLayout layout_;
  PlaneGrid shape_;
  LrnParameters parameters_{};
};

}  // namespace

std::unique_ptr<LrnKernel> plan_lrn(Context&, const LrnProblem& problem) {
  check_lrn(problem);
  return std::make_unique<Lrn>(problem);
}

}  // namespace lrcn::cuda
