// Which pixels belong to which window. Any layout is seen as [outer, H, W, inner] with `inner`
// neighbouring channels that are pooled side by side.
#pragma once

#include <algorithm>

#include "core/host_device.h"
#include "kernels/pooling.h"

namespace lrcn {

struct PoolingGeometry {
  explicit PoolingGeometry(const PoolingProblem& problem)
      : window(problem.window), divisor(problem.divisor) {
    const Shape y = pooling_shape(problem);
    height = problem.x.shape[2];
    width = problem.x.shape[3];
    out_height = y[2];
    out_width = y[3];
    const std::int64_t channels = problem.x.shape[1];
    switch (problem.x.layout) {
      case Layout::plain:
        inner = 1;
        break;
      case Layout::nhwc:
        inner = channels;
        break;
      case Layout::blocked8:
        inner = 8;
        break;
      case Layout::blocked16:
        inner = 16;
        break;
    }
    outer = problem.x.shape[0] * ((channels + inner - 1) / inner);
  }

  // Pixels [begin, end) of one axis that lie in a window; its first tap is at `first`, which may be
  // outside of the image.
  struct Span {
    std::int64_t first, begin, end;
  };
  LRCN_HOST_DEVICE Span rows_of(std::int64_t p) const {
    const std::int64_t first = p * window.stride_h - window.pad_top;
    return {first, std::max<std::int64_t>(first, 0), std::min(first + window.kernel_h, height)};
  }
  LRCN_HOST_DEVICE Span columns_of(std::int64_t q) const {
    const std::int64_t first = q * window.stride_w - window.pad_left;
    return {first, std::max<std::int64_t>(first, 0), std::min(first + window.kernel_w, width)};
  }

  // Windows [begin, end) along the height that contain row h.
  struct Range {
    std::int64_t begin, end;
  };
  Range windows_of_row(std::int64_t h) const {
    const std::int64_t past = h + window.pad_top - window.kernel_h;
    const std::int64_t begin = past < 0 ? 0 : past / window.stride_h + 1;
    return {begin, std::min((h + window.pad_top) / window.stride_h + 1, out_height)};
  }

  // What the average of window (p, q) is divided by.
  LRCN_HOST_DEVICE float area(std::int64_t p, std::int64_t q) const {
    if (divisor == PoolingDivisor::window) {
      return float(window.kernel_h * window.kernel_w);
    }
    const Span rows = rows_of(p);
    const Span columns = columns_of(q);
    if (divisor == PoolingDivisor::inside) {
      return float((rows.end - rows.begin) * (columns.end - columns.begin));
    }
    const std::int64_t bottom = std::min(rows.first + window.kernel_h, height + window.pad_bottom);
    const std::int64_t right = std::min(columns.first + window.kernel_w, width + window.pad_right);
    return float((bottom - rows.first) * (right - columns.first));
  }

  Window window;
  PoolingDivisor divisor;
  std::int64_t outer = 0;
  std::int64_t inner = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t out_height = 0;
  std::int64_t out_width = 0;
};

}  // namespace lrcn
