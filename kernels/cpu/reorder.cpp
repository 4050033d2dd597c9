// Layout changes, in tiles of 8 channels times 8 pixels that are transposed in registers.
#include "kernels/reorder.h"

#include <algorithm>
#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/lanes.h"

namespace lrcn::cpu {
namespace {

constexpr const char* kOp = "reorder";
constexpr std::int64_t kTile = 8;
constexpr std::int64_t kGroup = 16;          // channels of one task: whole blocks of both layouts
constexpr std::int64_t kPixelsOfTask = 256;  // 32 KiB of x and y together: stays in the L1 cache

// Where channel c (of a tile) and pixel p = h W + w of an image lie: begin + c channel + p pixel.
struct Strides {
  float* begin;
  std::int64_t channel;
  std::int64_t pixel;
};

Strides tile_of(const Tensor& tensor, std::int64_t n, std::int64_t first_channel) {
  const Shape& shape = tensor.shape();
  const std::int64_t channels = shape[1];
  const std::int64_t pixels = shape[2] * shape[3];
  auto* data = static_cast<float*>(tensor.data);
  if (tensor.spec.layout == Layout::plain) {
    return {data + (n * channels + first_channel) * pixels, pixels, 1};
  }
  if (tensor.spec.layout == Layout::nhwc) {
    return {data + n * pixels * channels + first_channel, 1, channels};
  }
  const std::int64_t block = tensor.spec.layout == Layout::blocked8 ? 8 : 16;
  const std::int64_t blocks = (channels + block - 1) / block;
  const std::int64_t in_block = first_channel % block;
  return {data + (n * blocks + first_channel / block) * pixels * block + in_block, 1, block};
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

// 8 channels of pixels [begin, end).
void move_full_tile(const Strides& x, const Strides& y, std::int64_t begin, std::int64_t end) {
  std::int64_t p = begin;
  if (x.channel == 1 && y.channel == 1) {
    for (; p < end; ++p) {
      std::memcpy(y.begin + p * y.pixel, x.begin + p * x.pixel, kTile * sizeof(float));
    }
    return;
  }
  const bool gather = y.channel == 1;
  for (; p + kTile <= end; p += kTile) {
    transpose_tile(x.begin + p * x.pixel, gather ? x.channel : x.pixel, y.begin + p * y.pixel,
                   gather ? y.pixel : y.channel);
  }
  for (; p < end; ++p) {
    for (std::int64_t c = 0; c < kTile; ++c) {
      y.begin[c * y.channel + p * y.pixel] = x.begin[c * x.channel + p * x.pixel];
    }
  }
}

// The first `channels` channels are moved, those up to `stored` become zero.
void move_partial_tile(const Strides& x, const Strides& y, std::int64_t begin, std::int64_t end,
                       std::int64_t channels, std::int64_t stored) {
  for (std::int64_t p = begin; p < end; ++p) {
    for (std::int64_t c = 0; c < stored; ++c) {
      y.begin[c * y.channel + p * y.pixel] =
          c < channels ? x.begin[c * x.channel + p * x.pixel] : 0.0f;
    }
  }
}

void move_group(const Tensor& x, const Tensor& y, std::int64_t n, std::int64_t first_channel,
                std::int64_t begin, std::int64_t end) {
  const std::int64_t channels = x.shape()[1];
  const Layout layout = y.spec.layout;
  const std::int64_t block =
      layout == Layout::blocked16 ? 16 : (layout == Layout::blocked8 ? 8 : 1);
  const std::int64_t stored = (channels + block - 1) / block * block;
  const std::int64_t group_end = std::min(first_channel + kGroup, stored);
  for (std::int64_t c = first_channel; c < group_end; c += kTile) {
    const Strides from = tile_of(x, n, c);
    const Strides to = tile_of(y, n, c);
    if (c + kTile <= channels) {
      move_full_tile(from, to, begin, end);
    } else {
      move_partial_tile(from, to, begin, end, std::max<std::int64_t>(channels - c, 0),
                        std::min(stored - c, kTile));
    }
  }
}

}  // namespace

void reorder(Context&, Tensor x, Tensor y) {
  check_dtype(kOp, "x", x, DType::f32);
  check_spec(kOp, "y", y, {x.shape(), DType::f32, y.spec.layout});
  check_present(kOp, "x", x);
  check_present(kOp, "y", y);
  if (x.spec.layout == y.spec.layout) {
    if (x.bytes() > 0) {
      std::memcpy(y.data, x.data, x.bytes());
    }
    return;
  }
  const Shape& shape = x.shape();
  check(shape.rank() == 4, kOp, ": from ", x.spec.layout, " to ", y.spec.layout,
        " needs rank 4, got ", shape);
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
