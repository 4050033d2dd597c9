// The 2x2 maximum pooling behind a convolution: a thread computes a window of one channel, or of
// four neighbouring ones, and on the way back writes all of its pixels.
#include <algorithm>
#include <bit>

#include "kernels/cuda/convolution_pooling.h"
#include "kernels/cuda/convolution_weights.h"
#include "kernels/cuda/convolution_windows.h"
#include "kernels/cuda/plane_walk.h"
#include "kernels/cuda/pooling_plan.h"
#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {
namespace {

using Geometry = ConvolutionGeometry;

constexpr unsigned kThreads = 256;
constexpr std::int64_t kMostRowBlocks = 512;

template <class Y, int lanes>
__global__ void convolution_pool_kernel(Geometry g, PackedPlane walked, std::int32_t elements,
                                        const Pack<Y, lanes>* y, bool relu, Pack<Y, lanes>* pooled,
                                        Pack<std::uint8_t, lanes>* saved) {
  const std::int32_t packs = walked.packs.value();
  walk_planes(g.images, elements, [&](std::int64_t n, std::int32_t index) {
    const auto [p, q, pack] = walked(index);
    const std::int64_t row = n * g.out_height + 2 * p;
    const Pack<Y, lanes>* corner = y + (row * g.out_width + 2 * q) * packs + pack;
    Pack<float, lanes> most = load(corner);
    Pack<std::uint8_t, lanes> from{};
#pragma unroll
    for (int pixel = 1; pixel < 4; ++pixel) {
      const Pack<float, lanes> value = load(corner + (pixel / 2 * g.out_width + pixel % 2) * packs);
      for (int i = 0; i < lanes; ++i) {
        const bool more = is_maximum(value.at[i], most.at[i]);
        most.at[i] = more ? value.at[i] : most.at[i];
        from.at[i] = more ? std::uint8_t(pixel) : from.at[i];
      }
    }
    const std::int64_t out = n * elements + index;
    store(pooled + out, most);
    if (saved != nullptr) {
      for (int i = 0; i < lanes; ++i) {
        from.at[i] = saved_pixel(most.at[i], from.at[i], relu);
      }
      saved[out] = from;
    }
  });
}

// Rows of windows fall to blocks (., b), the windows of a row to threads (., y). Windows that reach
// beyond y have no gradient. sums[b, k], where asked for: of what falls to those blocks.
template <class Y, int lanes>
__global__ void convolution_spread_kernel(Geometry g, const Pack<Y, lanes>* pooled_dy,
                                          const Pack<std::uint8_t, lanes>* saved,
                                          Pack<Y, lanes>* dy, double* sums) {
  auto* shared = dynamic_shared<double>();  // [blockDim.y, blockDim.x, lanes]
  const std::int32_t packs = g.out_channels / lanes;
  const auto pack = std::int32_t(blockIdx.x * blockDim.x + threadIdx.x);
  const std::int32_t rows = (g.out_height + 1) / 2;
  const std::int32_t windows = (g.out_width + 1) / 2;
  Pack<double, lanes> sum{};
  for (std::int64_t line = blockIdx.y; pack < packs && line < g.images * rows; line += gridDim.y) {
    const std::int64_t n = line / rows;
    const auto p = std::int32_t(line - n * rows);
    for (auto q = std::int32_t(threadIdx.y); q < windows; q += std::int32_t(blockDim.y)) {
      Pack<float, lanes> gradient{};
      Pack<std::uint8_t, lanes> from{};
      if (p < g.out_height / 2 && q < g.out_width / 2) {
        const std::int64_t row = n * (g.out_height / 2) + p;
        const std::int64_t window = (row * (g.out_width / 2) + q) * packs + pack;
        gradient = load(pooled_dy + window);
        from = saved[window];
      }
#pragma unroll
      for (int pixel = 0; pixel < 4; ++pixel) {
        const std::int32_t h = 2 * p + pixel / 2;
        const std::int32_t w = 2 * q + pixel % 2;
        if (h >= g.out_height || w >= g.out_width) {
          continue;
        }
        Pack<float, lanes> own;
        for (int i = 0; i < lanes; ++i) {
          own.at[i] = from.at[i] == pixel ? gradient.at[i] : 0.0f;
        }
        store(dy + ((n * g.out_height + h) * g.out_width + w) * packs + pack, own);
      }
      for (int i = 0; i < lanes; ++i) {
        sum.at[i] += from.at[i] == kNoPixel ? 0.0 : double(gradient.at[i]);
      }
    }
  }
  if (sums == nullptr) {
    return;
  }
  for (int i = 0; i < lanes; ++i) {
    shared[(threadIdx.y * blockDim.x + threadIdx.x) * lanes + i] = sum.at[i];
  }
  __syncthreads();
  if (threadIdx.y == 0 && pack < packs) {
    for (int i = 0; i < lanes; ++i) {
      for (unsigned y = 1; y < blockDim.y; ++y) {
        sum.at[i] += shared[(y * blockDim.x + threadIdx.x) * lanes + i];
      }
      sums[std::int64_t(blockIdx.y) * g.out_channels + pack * lanes + i] = sum.at[i];
    }
  }
}

std::int64_t row_blocks(const Geometry& geometry) {
  return std::min(geometry.images * ((geometry.out_height + 1) / 2), kMostRowBlocks);
}

// Calls body(Pack<T, lanes>()) with the type of the tensors and as many neighbouring channels as
// may be moved at a time.
template <class Body>
void with_packs(const Geometry& geometry, const Tensor& a, const Tensor& b, const void* saved,
                const Body& body) {
  with_element(a.spec.dtype, [&]<class T>(T) {
    const bool aligned = is_aligned(a.data, sizeof(FourOf<T>)) &&
                         is_aligned(b.data, sizeof(FourOf<T>)) &&
                         is_aligned(saved, sizeof(FourOf<std::uint8_t>));
    if (geometry.out_channels % 4 == 0 && aligned) {
      body(Pack<T, 4>());
    } else {
      body(Pack<T, 1>());
    }
  });
}

}  // namespace

void convolution_pool(Context& context, const Geometry& geometry,
                      const ConvolutionPooling& arguments) {
  const std::int32_t width = geometry.out_width / 2;
  with_packs(geometry, arguments.y, arguments.pooled, arguments.saved,
             [&]<class T, int lanes>(Pack<T, lanes>) {
               const PackedPlane walked(width, geometry.out_channels, lanes);
               const std::int32_t elements = geometry.out_height / 2 * width * walked.packs.value();
               const PlaneGrid shape(geometry.images, elements);
               launch(context, shape.grid, shape.threads, 0, convolution_pool_kernel<T, lanes>,
                      geometry, walked, elements,
                      static_cast<const Pack<T, lanes>*>(arguments.y.data), arguments.relu,
                      static_cast<Pack<T, lanes>*>(arguments.pooled.data),
                      reinterpret_cast<Pack<std::uint8_t, lanes>*>(arguments.saved));
             });
}

void convolution_spread(Context& context, const Geometry& geometry,
                        const ConvolutionSpread& arguments) {
  const std::int64_t blocks = row_blocks(geometry);
  double* sums = arguments.db == nullptr ? nullptr : arguments.sums;
  with_packs(geometry, arguments.pooled_dy, arguments.dy, arguments.saved,
             [&]<class T, int lanes>(Pack<T, lanes>) {
               const auto packs = unsigned(geometry.out_channels / lanes);
               // Few channels leave threads for more windows.
               const unsigned across = std::min(kWarpSize, std::bit_ceil(packs));
               const dim3 grid((packs + across - 1) / across, unsigned(blocks));
               launch(context, grid, dim3(across, kThreads / across),
                      kThreads * lanes * sizeof(double), convolution_spread_kernel<T, lanes>,
                      geometry, static_cast<const Pack<T, lanes>*>(arguments.pooled_dy.data),
                      reinterpret_cast<const Pack<std::uint8_t, lanes>*>(arguments.saved),
                      static_cast<Pack<T, lanes>*>(arguments.dy.data), sums);
             });
  if (arguments.db != nullptr) {
    convolution_add_bias_sums(context, arguments.sums, blocks, geometry.out_channels, arguments.db);
  }
}

std::size_t convolution_spread_bytes(const Geometry& geometry) {
  return std::size_t(row_blocks(geometry)) * std::size_t(geometry.out_channels) * sizeof(double);
}

}  // namespace lrcn::cuda
