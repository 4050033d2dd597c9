// The same elements in another layout: tiles of 32 channels x 32 pixels pass through shared memory,
// so that reading and writing both walk along neighbours in memory.
#include "core/cuda/stream.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/image_layout.h"
#include "kernels/cuda/launch.h"
#include "kernels/reorder.h"

namespace lrcn::cuda {
namespace {

constexpr int kTile = 32;
constexpr int kRowsOfThreads = 8;
constexpr int kPitch = kTile + 1;  // spreads the columns of a tile over the banks

struct Position {
  int channel;
  int pixel;
};

// Where this thread works in row `row` of a tile: along channels or along pixels.
__device__ inline Position position_of(int row, bool along_channels) {
  const int lane = int(threadIdx.x);
  return along_channels ? Position{lane, row} : Position{row, lane};
}

// tile[c][p] of image n from channel c0 and pixel p0 on. Channels beyond the last are zero.
template <class T>
__device__ void read_tile(const ImageLayout& layout, const T* x, std::int64_t n, std::int64_t c0,
                          std::int64_t p0, T* tile) {
  for (int row = int(threadIdx.y); row < kTile; row += kRowsOfThreads) {
    const Position at = position_of(row, layout.channels_inside());
    const std::int64_t c = c0 + at.channel;
    const std::int64_t p = p0 + at.pixel;
    if (p < layout.pixels) {
      tile[at.channel * kPitch + at.pixel] = c < layout.channels ? x[layout.offset(n, c, p)] : T();
    }
  }
}

template <class T>
__device__ void write_tile(const ImageLayout& layout, T* y, std::int64_t n, std::int64_t c0,
                           std::int64_t p0, const T* tile) {
  for (int row = int(threadIdx.y); row < kTile; row += kRowsOfThreads) {
    const Position at = position_of(row, layout.channels_inside());
    const std::int64_t c = c0 + at.channel;
    const std::int64_t p = p0 + at.pixel;
    if (p < layout.pixels && c < layout.stored_channels) {
      y[layout.offset(n, c, p)] = tile[at.channel * kPitch + at.pixel];
    }
  }
}

struct Tiles {
  std::int64_t along_channels;
  std::int64_t along_pixels;
  std::int64_t all;
};

template <class T>
__global__ void reorder_kernel(ImageLayout from, const T* x, ImageLayout to, T* y, Tiles tiles) {
  auto* tile = dynamic_shared<T>();
  for (std::int64_t i = blockIdx.x; i < tiles.all; i += gridDim.x) {
    const std::int64_t p0 = i % tiles.along_pixels * kTile;
    const std::int64_t c0 = i / tiles.along_pixels % tiles.along_channels * kTile;
    const std::int64_t n = i / tiles.along_pixels / tiles.along_channels;
    read_tile(from, x, n, c0, p0, tile);
    __syncthreads();
    write_tile(to, y, n, c0, p0, tile);
    __syncthreads();
  }
}

}  // namespace

void reorder(Context& context, Tensor x, Tensor y) {
  check_reorder(x, y);
  if (x.spec.layout == y.spec.layout) {
    if (x.bytes() > 0) {
      enqueue_copy(context, y.data, x.data, x.bytes());
    }
    return;
  }
  const ImageLayout from(x.spec);
  const ImageLayout to(y.spec);
  Tiles tiles{.along_channels = (to.stored_channels + kTile - 1) / kTile,
              .along_pixels = (to.pixels + kTile - 1) / kTile,
              .all = 0};
  tiles.all = to.images * tiles.along_channels * tiles.along_pixels;
  with_element(x.spec.dtype, [&]<class T>(T) {
    launch(context, blocks_for(tiles.all, 1, 1 << 16), dim3(kTile, kRowsOfThreads),
           kTile * kPitch * sizeof(T), reorder_kernel<T>, from, x.as<T>(), to, y.as<T>(), tiles);
  });
}

}  // namespace lrcn::cuda
