#include "kernels/reorder.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/layout_tiles.h"

namespace lrcn::cpu {
namespace {

constexpr std::int64_t kTile = 8;
constexpr std::int64_t kGroup = 16;          // channels of one task: whole blocks of both layouts
constexpr std::int64_t kPixelsOfTask = 256;  // 32 KiB of x and y together: stays in the L1 cache

void move_group(const Tensor& x, const Tensor& y, std::int64_t n, std::int64_t first_channel,
                std::int64_t begin, std::int64_t end) {
  const std::int64_t channels = x.shape()[1];
  const std::int64_t stored = stored_channels(y.spec);
  const std::int64_t group_end = std::min(first_channel + kGroup, stored);
  for (std::int64_t c = first_channel; c < group_end; c += kTile) {
    // Beyond the last channel there is nothing to read: any tile of x will do.
    const std::int64_t left = std::clamp<std::int64_t>(channels - c, 0, kTile);
    move_tile(tile_of(x, n, left > 0 ? c : 0), tile_of(y, n, c),
              {begin, end, left, std::min(stored - c, kTile)});
  }
}

}  // namespace

void reorder(Context&, Tensor x, Tensor y) {
  check_reorder(x, y);
  if (x.spec.layout == y.spec.layout) {
    if (x.bytes() > 0) {
      std::memcpy(y.data, x.data, x.bytes());
    }
    return;
  }
  const Shape& shape = x.shape();
  const std::int64_t pixels = shape[2] * shape[3];
  const std::int64_t images = shape[0];
  const std::int64_t groups = (shape[1] + kGroup - 1) / kGroup;
  const std::int64_t pieces = (pixels + kPixelsOfTask - 1) / kPixelsOfTask;
#pragma omp parallel for collapse(3) schedule(static) if (shape.elements() > 1 << 14)
  for (std::int64_t n = 0; n < images; ++n) {
    for (std::int64_t group = 0; group < groups; ++group) {
      for (std::int64_t piece = 0; piece < pieces; ++piece) {
        const std::int64_t begin = piece * kPixelsOfTask;
        move_group(x, y, n, group * kGroup, begin, std::min(begin + kPixelsOfTask, pixels));
      }
    }
  }
}

}  // namespace lrcn::cpu
