// Pooling with our own loops: oneDNN's have no rounding up, and are no faster, as both wait for
// memory.
#include "kernels/pooling.h"

#include <limits>

#include "kernels/cpu/lanes.h"
#include "kernels/planned_pooling.h"

namespace lrcn::cpu {
namespace {

// y[p,q] = max over the window of x; saved[p,q] = row-major number of the tap it came from. NaN
// counts as largest. plane: [H, W, inner] of one outer index; y and saved: row p of [Q, inner].
template <class Index>
void maximum_forward_row(const PoolingGeometry& g, std::int64_t p, const float* plane, float* y,
                         Index* saved) {
  const auto rows = g.rows_of(p);
  for (std::int64_t q = 0; q < g.out_width; ++q) {
    const auto columns = g.columns_of(q);
    for_each_lanes(g.inner, [&](std::int64_t offset, auto lanes) {
      using Float = Lanes<float, lanes>;
      using Int = Lanes<std::int32_t, lanes>;
      Float most = Float{} - std::numeric_limits<float>::infinity();
      Int from = Int{} + std::int32_t((rows.begin - rows.first) * g.window.kernel_w +
                                      columns.begin - columns.first);
      for (std::int64_t h = rows.begin; h < rows.end; ++h) {
        for (std::int64_t w = columns.begin; w < columns.end; ++w) {
          Float x;
          load_lanes(x, plane + (h * g.width + w) * g.inner + offset);
          const auto tap = std::int32_t((h - rows.first) * g.window.kernel_w + w - columns.first);
          const Int more = ~(x <= most) & (most == most);
          most = more ? x : most;
          from = more ? Int{} + tap : from;
        }
      }
      store_lanes(most, y + q * g.inner + offset);
      if (saved != nullptr) {
        store_lanes(__builtin_convertvector(from, Lanes<Index, lanes>),
                    saved + q * g.inner + offset);
      }
    });
  }
}

// dx[h] = sum over the windows of dy where the maximum came from here. dx: row h of [W, inner]; dy
// and saved: planes [P, Q, inner].
template <class Index>
void maximum_backward_row(const PoolingGeometry& g, std::int64_t h, const float* dy,
                          const Index* saved, float* dx) {
  std::fill_n(dx, g.width * g.inner, 0.0f);
  const auto windows = g.windows_of_row(h);
  for (std::int64_t p = windows.begin; p < windows.end; ++p) {
    const std::int64_t row_tap = (h - g.rows_of(p).first) * g.window.kernel_w;
    for (std::int64_t q = 0; q < g.out_width; ++q) {
      const auto columns = g.columns_of(q);
      const std::int64_t out = (p * g.out_width + q) * g.inner;
      for_each_lanes(g.inner, [&](std::int64_t offset, auto lanes) {
        using Float = Lanes<float, lanes>;
        using Int = Lanes<std::int32_t, lanes>;
        Float gradient;
        load_lanes(gradient, dy + out + offset);
        Lanes<Index, lanes> index;
        load_lanes(index, saved + out + offset);
        const Int from = __builtin_convertvector(index, Int);
        for (std::int64_t w = columns.begin; w < columns.end; ++w) {
          const auto tap = std::int32_t(row_tap + w - columns.first);
          Float sum;
          load_lanes(sum, dx + w * g.inner + offset);
          sum += from == tap ? gradient : Float{};
          store_lanes(sum, dx + w * g.inner + offset);
        }
      });
    }
  }
}

// y[p,q] = sum over the window of x, divided by its area.
void average_forward_row(const PoolingGeometry& g, std::int64_t p, const float* plane, float* y) {
  const auto rows = g.rows_of(p);
  for (std::int64_t q = 0; q < g.out_width; ++q) {
    const auto columns = g.columns_of(q);
    const float area = g.area(p, q);
    for_each_lanes(g.inner, [&](std::int64_t offset, auto lanes) {
      Lanes<float, lanes> sum{};
      for (std::int64_t h = rows.begin; h < rows.end; ++h) {
        for (std::int64_t w = columns.begin; w < columns.end; ++w) {
          Lanes<float, lanes> x;
          load_lanes(x, plane + (h * g.width + w) * g.inner + offset);
          sum += x;
        }
      }
      store_lanes(sum / area, y + q * g.inner + offset);
    });
  }
}

// dx[h] = sum over the windows of dy, divided by their areas.
void average_backward_row(const PoolingGeometry& g, std::int64_t h, const float* dy, float* dx) {
  std::fill_n(dx, g.width * g.inner, 0.0f);
  const auto windows = g.windows_of_row(h);
  for (std::int64_t p = windows.begin; p < windows.end; ++p) {
    for (std::int64_t q = 0; q < g.out_width; ++q) {
      const auto columns = g.columns_of(q);
      const float area = g.area(p, q);
      for_each_lanes(g.inner, [&](std::int64_t offset, auto lanes) {
        Lanes<float, lanes> gradient;
        load_lanes(gradient, dy + (p * g.out_width + q) * g.inner + offset);
        gradient /= area;
        for (std::int64_t w = columns.begin; w < columns.end; ++w) {
          Lanes<float, lanes> sum;
          load_lanes(sum, dx + w * g.inner + offset);
          sum += gradient;
          store_lanes(sum, dx + w * g.inner + offset);
        }
      });
    }
  }
}

// Index: what the number of a window's tap is saved in.
template <class Index>
class Pooling final : public PlannedPooling {
 public:
  Pooling(Device device, const PoolingProblem& problem)
      : PlannedPooling(device, problem, sizeof(Index)) {}

  void forward(Context& context, const PoolingArguments& arguments) const override {
    check_devices("pooling", context.device(), arguments);
    check_forward(arguments);
    const float* from = arguments.x.as<float>();
    float* to = arguments.y.as<float>();
    auto* index = saved_bytes() > 0 ? static_cast<Index*>(arguments.saved.data) : nullptr;
    const PoolingGeometry& g = geometry();
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t outer = 0; outer < g.outer; ++outer) {
      for (std::int64_t p = 0; p < g.out_height; ++p) {
        const float* plane = from + outer * g.height * g.width * g.inner;
        const std::int64_t row = (outer * g.out_height + p) * g.out_width * g.inner;
        if (is_maximum()) {
          maximum_forward_row(g, p, plane, to + row, index == nullptr ? nullptr : index + row);
        } else {
          average_forward_row(g, p, plane, to + row);
        }
      }
    }
  }

  void backward(Context& context, const PoolingGradients& arguments) const override {
    check_devices("pooling", context.device(), arguments);
    check_backward(arguments);
    const float* from = arguments.dy.as<float>();
    float* to = arguments.dx.as<float>();
    const auto* index = static_cast<const Index*>(arguments.saved.data);
    const PoolingGeometry& g = geometry();
    // Row by row of dx, so that no two threads add to the same pixel.
#pragma omp parallel for collapse(2) schedule(static)
    for (std::int64_t outer = 0; outer < g.outer; ++outer) {
      for (std::int64_t h = 0; h < g.height; ++h) {
        const std::int64_t plane = outer * g.out_height * g.out_width * g.inner;
        float* row = to + (outer * g.height + h) * g.width * g.inner;
        if (is_maximum()) {
          maximum_backward_row(g, h, from + plane, index + plane, row);
        } else {
          average_backward_row(g, h, from + plane, row);
        }
      }
    }
  }
};

}  // namespace

std::unique_ptr<PoolingKernel> plan_pooling(Context& context, const PoolingProblem& problem) {
  return plan_with_index<Pooling>(context.device(), problem);
}

}  // namespace lrcn::cpu
