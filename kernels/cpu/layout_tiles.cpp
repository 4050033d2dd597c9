#include "kernels/cpu/layout_tiles.h"

#include <cstring>

#include "kernels/cpu/lanes.h"

namespace lrcn::cpu {
namespace {

constexpr std::int64_t kTile = 8;

std::int64_t block_of(Layout layout) {
  return layout == Layout::blocked16 ? 16 : (layout == Layout::blocked8 ? 8 : 1);
}

// y[j, i] = x[i, j] for 8 x 8 elements, rows `x_stride` and `y_stride` apart.
void transpose_tile(const float* x, std::int64_t x_stride, float* y, std::int64_t y_stride) {
  using Row = Lanes<float, 8>;
  using Mask = Lanes<std::int32_t, 8>;
  Row a[8];
  Row b[8];
  for (int i = 0; i < 8; ++i) {
    load_lanes(a[i], x + i * x_stride);
  }
  // Interleaves elements, then pairs, then quadruples of neighbouring rows.
  for (int i = 0; i < 8; i += 2) {
    b[i] = __builtin_shuffle(a[i], a[i + 1], Mask{0, 8, 2, 10, 4, 12, 6, 14});
    b[i + 1] = __builtin_shuffle(a[i], a[i + 1], Mask{1, 9, 3, 11, 5, 13, 7, 15});
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = i; j < i + 2; ++j) {
      a[j] = __builtin_shuffle(b[j], b[j + 2], Mask{0, 1, 8, 9, 4, 5, 12, 13});
      a[j + 2] = __builtin_shuffle(b[j], b[j + 2], Mask{2, 3, 10, 11, 6, 7, 14, 15});
    }
  }
  for (int j = 0; j < 4; ++j) {
    b[j] = __builtin_shuffle(a[j], a[j + 4], Mask{0, 1, 2, 3, 8, 9, 10, 11});
    b[j + 4] = __builtin_shuffle(a[j], a[j + 4], Mask{4, 5, 6, 7, 12, 13, 14, 15});
  }
  for (int i = 0; i < 8; ++i) {
    store_lanes(b[i], y + i * y_stride);
  }
}

void move_full_tile(const ChannelTile& x, const ChannelTile& y, std::int64_t begin,
                    std::int64_t end) {
  std::int64_t p = begin;
  if (x.channel_stride == 1 && y.channel_stride == 1) {
    for (; p < end; ++p) {
      std::memcpy(y.begin + p * y.pixel_stride, x.begin + p * x.pixel_stride,
                  kTile * sizeof(float));
    }
    return;
  }
  if (x.pixel_stride == 1 && y.pixel_stride == 1) {
    for (std::int64_t c = 0; c < kTile; ++c) {
      std::memcpy(y.begin + c * y.channel_stride + begin, x.begin + c * x.channel_stride + begin,
                  std::size_t(end - begin) * sizeof(float));
    }
    return;
  }
  const bool gather = y.channel_stride == 1;
  for (; p + kTile <= end; p += kTile) {
    transpose_tile(x.begin + p * x.pixel_stride, gather ? x.channel_stride : x.pixel_stride,
                   y.begin + p * y.pixel_stride, gather ? y.pixel_stride : y.channel_stride);
  }
  for (; p < end; ++p) {
    for (std::int64_t c = 0; c < kTile; ++c) {
      y.begin[c * y.channel_stride + p * y.pixel_stride] =
          x.begin[c * x.channel_stride + p * x.pixel_stride];
    }
  }
}

}  // namespace

std::int64_t stored_channels(const TensorSpec& image) {
  const std::int64_t block = block_of(image.layout);
  return (image.shape[1] + block - 1) / block * block;
}

ChannelTile tile_of(const Tensor& image, std::int64_t n, std::int64_t first_channel) {
  const Shape& shape = image.shape();
  const std::int64_t pixels = shape[2] * shape[3];
  const std::int64_t stored = stored_channels(image.spec);
  float* begin = static_cast<float*>(image.data) + n * stored * pixels;
  if (image.spec.layout == Layout::plain) {
    return {begin + first_channel * pixels, pixels, 1};
  }
  if (image.spec.layout == Layout::nhwc) {
    return {begin + first_channel, 1, stored};
  }
  const std::int64_t block = block_of(image.spec.layout);
  const std::int64_t in_block = first_channel % block;
  return {begin + (first_channel - in_block) * pixels + in_block, 1, block};
}

void move_tile(const ChannelTile& x, const ChannelTile& y, const TileExtent& extent) {
  if (extent.channels == kTile) {
    move_full_tile(x, y, extent.begin, extent.end);
    return;
  }
  for (std::int64_t p = extent.begin; p < extent.end; ++p) {
    for (std::int64_t c = 0; c < extent.stored; ++c) {
      y.begin[c * y.channel_stride + p * y.pixel_stride] =
          c < extent.channels ? x.begin[c * x.channel_stride + p * x.pixel_stride] : 0.0f;
    }
  }
}

}  // namespace lrcn::cpu
