// Pooling: a thread computes one element of the output, or four neighbouring channels of it.
// Backward gathers what every input pixel gets from the windows it lies in, in the order of the
// windows: no atomics, the same bits every time.
#include <limits>

#include "kernels/check_tensor.h"
#include "kernels/cuda/plane_walk.h"
#include "kernels/cuda/pooling_plan.h"
#include "kernels/pooling.h"

namespace lrcn::cuda {
namespace {

constexpr const char* kOp = "pooling";

// y[p,q] = max over the window of x; saved[p,q] = row-major number of the tap it came from. NaN
// counts as largest.
template <class Index, int lanes>
__global__ void maximum_forward_kernel(PoolingPlan plan, const Pack<float, lanes>* x,
                                       Pack<float, lanes>* y, Pack<Index, lanes>* saved) {
  const PoolingGeometry& g = plan.geometry;
  const std::int32_t packs = plan.walked.packs.value();
  walk_planes(g.outer, plan.elements, [&](std::int64_t outer, std::int32_t index) {
    const auto [p, q, pack] = plan.walked(index);
    const auto rows = g.rows_of(p);
    const auto columns = g.columns_of(q);
    const Pack<float, lanes>* plane = x + outer * g.height * g.width * packs + pack;
    const auto first =
        std::int32_t((rows.begin - rows.first) * g.window.kernel_w + columns.begin - columns.first);
    Pack<float, lanes> most;
    Pack<Index, lanes> from;
    for (int i = 0; i < lanes; ++i) {
      most.at[i] = -std::numeric_limits<float>::infinity();
      from.at[i] = Index(first);
    }
    for (std::int64_t h = rows.begin; h < rows.end; ++h) {
      for (std::int64_t w = columns.begin; w < columns.end; ++w) {
        const Pack<float, lanes> value = plane[(h * g.width + w) * packs];
        const auto tap = Index((h - rows.first) * g.window.kernel_w + w - columns.first);
        for (int i = 0; i < lanes; ++i) {
          const bool more = !(value.at[i] <= most.at[i]) && most.at[i] == most.at[i];
          most.at[i] = more ? value.at[i] : most.at[i];
          from.at[i] = more ? tap : from.at[i];
        }
      }
    }
    const std::int64_t out = outer * plan.elements + index;
    y[out] = most;
    if (saved != nullptr) {
      saved[out] = from;
    }
  });
}

// dx[h,w] = sum over the windows of dy where the maximum came from here.
template <class Index, int lanes>
__global__ void maximum_backward_kernel(PoolingPlan plan, const Pack<float, lanes>* dy,
                                        const Pack<Index, lanes>* saved, Pack<float, lanes>* dx) {
  const PoolingGeometry& g = plan.geometry;
  const std::int32_t packs = plan.walked.packs.value();
  walk_planes(g.outer, plan.elements, [&](std::int64_t outer, std::int32_t index) {
    const auto [h, w, pack] = plan.walked(index);
    const auto rows = plan.down.windows_of(h);
    const auto columns = plan.across.windows_of(w);
    Pack<float, lanes> sum{};
    for (std::int32_t p = rows.begin; p < rows.end; ++p) {
      for (std::int32_t q = columns.begin; q < columns.end; ++q) {
        const std::int64_t out = ((outer * g.out_height + p) * g.out_width + q) * packs + pack;
        const Pack<float, lanes> gradient = dy[out];
        const Pack<Index, lanes> from = saved[out];
        const auto tap =
            Index((h - g.rows_of(p).first) * g.window.kernel_w + w - g.columns_of(q).first);
        for (int i = 0; i < lanes; ++i) {
          sum.at[i] += from.at[i] == tap ? gradient.at[i] : 0.0f;
        }
      }
    }
    dx[outer * plan.elements + index] = sum;
  });
}

// y[p,q] = sum over the window of x, divided by its area.
template <int lanes>
__global__ void average_forward_kernel(PoolingPlan plan, const Pack<float, lanes>* x,
                                       Pack<float, lanes>* y) {
  const PoolingGeometry& g = plan.geometry;
  const std::int32_t packs = plan.walked.packs.value();
  walk_planes(g.outer, plan.elements, [&](std::int64_t outer, std::int32_t index) {
    const auto [p, q, pack] = plan.walked(index);
    const auto rows = g.rows_of(p);
    const auto columns = g.columns_of(q);
    const Pack<float, lanes>* plane = x + outer * g.height * g.width * packs + pack;
    Pack<float, lanes> sum{};
    for (std::int64_t h = rows.begin; h < rows.end; ++h) {
      for (std::int64_t w = columns.begin; w < columns.end; ++w) {
        const Pack<float, lanes> value = plane[(h * g.width + w) * packs];
        for (int i = 0; i < lanes; ++i) {
          sum.at[i] += value.at[i];
        }
      }
    }
    const float area = g.area(p, q);
    for (int i = 0; i < lanes; ++i) {
      sum.at[i] /= area;
    }
    y[outer * plan.elements + index] = sum;
  });
}

// dx[h,w] = sum over the windows of dy, divided by their areas.
template <int lanes>
__global__ void average_backward_kernel(PoolingPlan plan, const Pack<float, lanes>* dy,
                                        Pack<float, lanes>* dx) {
  const PoolingGeometry& g = plan.geometry;
  const std::int32_t packs = plan.walked.packs.value();
  walk_planes(g.outer, plan.elements, [&](std::int64_t outer, std::int32_t index) {
    const auto [h, w, pack] = plan.walked(index);
    const auto rows = plan.down.windows_of(h);
    const auto columns = plan.across.windows_of(w);
    Pack<float, lanes> sum{};
    for (std::int32_t p = rows.begin; p < rows.end; ++p) {
      for (std::int32_t q = columns.begin; q < columns.end; ++q) {
        const Pack<float, lanes> gradient =
            dy[((outer * g.out_height + p) * g.out_width + q) * packs + pack];
        const float area = g.area(p, q);
        for (int i = 0; i < lanes; ++i) {
          sum.at[i] += gradient.at[i] / area;
        }
      }
    }
    dx[outer * plan.elements + index] = sum;
  });
}

// Whether all of them may be read and written four floats at a time.
template <class... Pointers>
bool at_16_bytes(const Pointers*... pointers) {
  return ((reinterpret_cast<std::uintptr_t>(pointers) % 16 == 0) && ...);
}

// Index: what the number of a window's tap is saved in.
template <class Index>
class Pooling final : public PoolingKernel {
 public:
  explicit Pooling(const PoolingProblem& problem)
      : problem_(problem),
        geometry_(problem),
        y_{pooling_shape(problem), DType::f32, problem.x.layout} {
    PlaneGrid(geometry_.outer, geometry_.height * geometry_.width * geometry_.inner);
    PlaneGrid(geometry_.outer, geometry_.out_height * geometry_.out_width * geometry_.inner);
    plan(geometry_.height, geometry_.width, 1);
  }

  const TensorSpec& x_spec() const override { return problem_.x; }
  const TensorSpec& y_spec() const override { return y_; }
  std::size_t saved_bytes() const override {
    return problem_.backward && is_maximum() ? y_.bytes() / sizeof(float) * sizeof(Index) : 0;
  }
  std::size_t scratch_bytes() const override { return 0; }

  void forward(Context& context, const PoolingArguments& arguments) const override {
    const auto& [x, y, saved, scratch] = arguments;
    check_tensor("x", x, problem_.x);
    check_tensor("y", y, y_);
    check_bytes(kOp, "saved", saved, saved_bytes());
    void* index = saved_bytes() > 0 ? saved.data : nullptr;
    if (geometry_.inner % 4 == 0 && at_16_bytes(x.as<float>(), y.as<float>(), index)) {
      forward_packs<4>(context, x.data, y.data, index);
    } else {
      forward_packs<1>(context, x.data, y.data, index);
    }
  }

  void backward(Context& context, const PoolingGradients& arguments) const override {
    const auto& [dy, saved, dx, scratch] = arguments;
    check(problem_.backward, kOp, ": backward was called, but not planned");
    check_tensor("dy", dy, y_);
    check_tensor("dx", dx, problem_.x);
    check_bytes(kOp, "saved", saved, saved_bytes());
    if (geometry_.inner % 4 == 0 && at_16_bytes(dy.as<float>(), dx.as<float>(), saved.data)) {
      backward_packs<4>(context, dy.data, saved.data, dx.data);
    } else {
      backward_packs<1>(context, dy.data, saved.data, dx.data);
    }
  }

 private:
  static void check_tensor(const char* name, const Tensor& tensor, const TensorSpec& spec) {
    check_spec(kOp, name, tensor, spec);
    check_present(kOp, name, tensor);
  }

  bool is_maximum() const { return problem_.kind == PoolingKind::maximum; }

  PoolingPlan plan(std::int64_t height, std::int64_t width, int lanes) const {
    const Window& w = problem_.window;
    const auto axis = [](std::int64_t stride, std::int64_t kernel, std::int64_t pad,
                         std::int64_t windows) {
      return PoolingAxis{Divisor(stride), std::int32_t(kernel), std::int32_t(pad),
                         std::int32_t(windows)};
    };
    return {geometry_, PackedPlane(width, geometry_.inner, lanes),
            std::int32_t(height * width * geometry_.inner / lanes),
            axis(w.stride_h, w.kernel_h, w.pad_top, geometry_.out_height),
            axis(w.stride_w, w.kernel_w, w.pad_left, geometry_.out_width)};
  }

  template <int lanes>
  void forward_packs(Context& context, const void* x, void* y, void* saved) const {
    using Floats = Pack<float, lanes>;
    const PoolingPlan p = plan(geometry_.out_height, geometry_.out_width, lanes);
    const PlaneGrid shape(geometry_.outer, p.elements);
    const auto* from = static_cast<const Floats*>(x);
    auto* to = static_cast<Floats*>(y);
    if (is_maximum()) {
      launch(context, shape.grid, shape.threads, 0, maximum_forward_kernel<Index, lanes>, p, from,
             to, static_cast<Pack<Index, lanes>*>(saved));
    } else {
      launch(context, shape.grid, shape.threads, 0, average_forward_kernel<lanes>, p, from, to);
    }
  }

  template <int lanes>
  void backward_packs(Context& context, const void* dy, const void* saved, void* dx) const {
    using Floats = Pack<float, lanes>;
    const PoolingPlan p = plan(geometry_.height, geometry_.width, lanes);
    const PlaneGrid shape(geometry_.outer, p.elements);
    const auto* from = static_cast<const Floats*>(dy);
    auto* to = static_cast<Floats*>(dx);
    if (is_maximum()) {
      launch(context, shape.grid, shape.threads, 0, maximum_backward_kernel<Index, lanes>, p, from,
             static_cast<const Pack<Index, lanes>*>(saved), to);
    } else {
      launch(context, shape.grid, shape.threads, 0, average_backward_kernel<lanes>, p, from, to);
    }
  }

  PoolingProblem problem_;
  PoolingGeometry geometry_;
  TensorSpec y_;
};

}  // namespace

std::unique_ptr<PoolingKernel> plan_pooling(Context&, const PoolingProblem& problem) {
  pooling_shape(problem);
  if (problem.window.kernel_h * problem.window.kernel_w <= 256) {
    return std::make_unique<Pooling<std::uint8_t>>(problem);
  }
  return std::make_unique<Pooling<std::int32_t>>(problem);
}

}  // namespace lrcn::cuda
