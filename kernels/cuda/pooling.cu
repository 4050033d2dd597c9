// Pooling: a thread computes one element of the output, or four neighbouring channels of it.
// Backward gathers what every input pixel gets from the windows it lies in, in the order of the
// windows: no atomics, the same bits every time.
#include <limits>

#include "kernels/cuda/plane_walk.h"
#include "kernels/cuda/pooling_plan.h"
#include "kernels/planned_pooling.h"

namespace lrcn::cuda {
namespace {

// y[p,q] = max over the window of x; saved[p,q] = row-major number of the tap it came from. NaN
// counts as largest.
template <class T, class Index, int lanes>
__global__ void maximum_forward_kernel(PoolingPlan plan, const Pack<T, lanes>* x, Pack<T, lanes>* y,
                                       Pack<Index, lanes>* saved) {
  const PoolingGeometry& g = plan.geometry;
  const std::int32_t packs = plan.walked.packs.value();
  walk_planes(g.outer, plan.elements, [&](std::int64_t outer, std::int32_t index) {
    const auto [p, q, pack] = plan.walked(index);
    const auto rows = g.rows_of(p);
    const auto columns = g.columns_of(q);
    const Pack<T, lanes>* plane = x + outer * g.height * g.width * packs + pack;
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
        const Pack<float, lanes> value = load(plane + (h * g.width + w) * packs);
        const auto tap = Index((h - rows.first) * g.window.kernel_w + w - columns.first);
        for (int i = 0; i < lanes; ++i) {
          const bool more = !(value.at[i] <= most.at[i]) && most.at[i] == most.at[i];
          most.at[i] = more ? value.at[i] : most.at[i];
          from.at[i] = more ? tap : from.at[i];
        }
      }
    }
    const std::int64_t out = outer * plan.elements + index;
    store(y + out, most);
    if (saved != nullptr) {
      saved[out] = from;
    }
  });
}

// dx[h,w] = sum over the windows of dy where the maximum came from here.
template <class T, class Index, int lanes>
__global__ void maximum_backward_kernel(PoolingPlan plan, const Pack<T, lanes>* dy,
                                        const Pack<Index, lanes>* saved, Pack<T, lanes>* dx) {
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
        const Pack<float, lanes> gradient = load(dy + out);
        const Pack<Index, lanes> from = saved[out];
        const auto tap =
            Index((h - g.rows_of(p).first) * g.window.kernel_w + w - g.columns_of(q).first);
        for (int i = 0; i < lanes; ++i) {
          sum.at[i] += from.at[i] == tap ? gradient.at[i] : 0.0f;
        }
      }
    }
    store(dx + outer * plan.elements + index, sum);
  });
}

// y[p,q] = sum over the window of x, divided by its area.
template <class T, int lanes>
__global__ void average_forward_kernel(PoolingPlan plan, const Pack<T, lanes>* x,
                                       Pack<T, lanes>* y) {
  const PoolingGeometry& g = plan.geometry;
  const std::int32_t packs = plan.walked.packs.value();
  walk_planes(g.outer, plan.elements, [&](std::int64_t outer, std::int32_t index) {
    const auto [p, q, pack] = plan.walked(index);
    const auto rows = g.rows_of(p);
    const auto columns = g.columns_of(q);
    const Pack<T, lanes>* plane = x + outer * g.height * g.width * packs + pack;
    Pack<float, lanes> sum{};
    for (std::int64_t h = rows.begin; h < rows.end; ++h) {
      for (std::int64_t w = columns.begin; w < columns.end; ++w) {
        const Pack<float, lanes> value = load(plane + (h * g.width + w) * packs);
        for (int i = 0; i < lanes; ++i) {
          sum.at[i] += value.at[i];
        }
      }
    }
    const float area = g.area(p, q);
    for (int i = 0; i < lanes; ++i) {
      sum.at[i] /= area;
    }
    store(y + outer * plan.elements + index, sum);
  });
}

// dx[h,w] = sum over the windows of dy, divided by their areas.
template <class T, int lanes>
__global__ void average_backward_kernel(PoolingPlan plan, const Pack<T, lanes>* dy,
                                        Pack<T, lanes>* dx) {
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
            load(dy + ((outer * g.out_height + p) * g.out_width + q) * packs + pack);
        const float area = g.area(p, q);
        for (int i = 0; i < lanes; ++i) {
          sum.at[i] += gradient.at[i] / area;
        }
      }
    }
    store(dx + outer * plan.elements + index, sum);
  });
}

// Index: what the number of a window's tap is saved in.
template <class Index>
class Pooling final : public PlannedPooling {
 public:
  Pooling(Device device, const PoolingProblem& problem)
      : PlannedPooling(device, problem, sizeof(Index)) {
    const PoolingGeometry& g = geometry();
    PlaneGrid(g.outer, g.height * g.width * g.inner);
    PlaneGrid(g.outer, g.out_height * g.out_width * g.inner);
    plan(g.height, g.width, 1);
  }

  void forward(Context& context, const PoolingArguments& arguments) const override {
    check_devices("pooling", context.device(), arguments);
    check_forward(arguments);
    with_packs(arguments.x, arguments.y, arguments.saved, [&]<class T, int lanes>(Pack<T, lanes>) {
      forward_packs<T, lanes>(context, arguments);
    });
  }

  void backward(Context& context, const PoolingGradients& arguments) const override {
    check_devices("pooling", context.device(), arguments);
    check_backward(arguments);
    with_packs(
        arguments.dy, arguments.dx, arguments.saved,
        [&]<class T, int lanes>(Pack<T, lanes>) { backward_packs<T, lanes>(context, arguments); });
  }

 private:
  PoolingPlan plan(std::int64_t height, std::int64_t width, int lanes) const {
    const Window& w = window();
    const PoolingGeometry& g = geometry();
    const auto axis = [](std::int64_t stride, std::int64_t kernel, std::int64_t pad,
                         std::int64_t windows) {
      return PoolingAxis{Divisor(stride), std::int32_t(kernel), std::int32_t(pad),
                         std::int32_t(windows)};
    };
    return {g, PackedPlane(width, g.inner, lanes), std::int32_t(height * width * g.inner / lanes),
            axis(w.stride_h, w.kernel_h, w.pad_top, g.out_height),
            axis(w.stride_w, w.kernel_w, w.pad_left, g.out_width)};
  }

  // Calls body(Pack<T, lanes>()) with the type of x and y and with as many neighbouring channels as
  // may be read and written at a time.
  template <class Body>
  void with_packs(const Tensor& x, const Tensor& y, const Tensor& saved, const Body& body) const {
    with_element(x.spec.dtype, [&]<class T>(T) {
      const bool aligned = is_aligned(x.data, sizeof(FourOf<T>)) &&
                           is_aligned(y.data, sizeof(FourOf<T>)) &&
                           is_aligned(saved.data, sizeof(FourOf<Index>));
      if (geometry().inner % 4 == 0 && aligned) {
        body(Pack<T, 4>());
      } else {
        body(Pack<T, 1>());
      }
    });
  }

  template <class T, int lanes>
  void forward_packs(Context& context, const PoolingArguments& arguments) const {
    const PoolingPlan p = plan(geometry().out_height, geometry().out_width, lanes);
    const PlaneGrid shape(geometry().outer, p.elements);
    const auto* x = static_cast<const Pack<T, lanes>*>(arguments.x.data);
    auto* y = static_cast<Pack<T, lanes>*>(arguments.y.data);
    if (is_maximum()) {
      void* saved = saved_bytes() > 0 ? arguments.saved.data : nullptr;
      launch(context, shape.grid, shape.threads, 0, maximum_forward_kernel<T, Index, lanes>, p, x,
             y, static_cast<Pack<Index, lanes>*>(saved));
    } else {
      launch(context, shape.grid, shape.threads, 0, average_forward_kernel<T, lanes>, p, x, y);
    }
  }

  template <class T, int lanes>
  void backward_packs(Context& context, const PoolingGradients& arguments) const {
    const PoolingPlan p = plan(geometry().height, geometry().width, lanes);
    const PlaneGrid shape(geometry().outer, p.elements);
    const auto* dy = static_cast<const Pack<T, lanes>*>(arguments.dy.data);
    auto* dx = static_cast<Pack<T, lanes>*>(arguments.dx.data);
    if (is_maximum()) {
      launch(context, shape.grid, shape.threads, 0, maximum_backward_kernel<T, Index, lanes>, p, dy,
             static_cast<const Pack<Index, lanes>*>(arguments.saved.data), dx);
    } else {
      launch(context, shape.grid, shape.threads, 0, average_backward_kernel<T, lanes>, p, dy, dx);
    }
  }
};

}  // namespace

std::unique_ptr<PoolingKernel> plan_pooling(Context& context, const PoolingProblem& problem) {
  return plan_with_index<Pooling>(context.device(), problem);
}

}  // namespace lrcn::cuda
