// Weights between the layout of the framework and those of the kernels, and the gradient of the
// bias: sums over rows of dy by many blocks, then over what the blocks found.
#include <algorithm>

#include "kernels/cuda/convolution_weights.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/plane_walk.h"
#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {
namespace {

using Geometry = ConvolutionGeometry;

constexpr unsigned kRows = 8;                      // of a block at a time
constexpr std::int64_t kRowsOfBlock = 32 * kRows;  // a block is worth starting for
constexpr std::int64_t kMostRowBlocks = 512;

template <class To>
__global__ void convolution_pack_kernel(Geometry g, const float* w, To* packed) {
  walk_planes(g.out_channels, g.forward_taps(), [&](std::int64_t k, std::int32_t index) {
    const auto [tap, c] = g.by_group_channels(index);
    store(packed + k * g.forward_taps() + index,
          w[k * g.forward_taps() + c * g.kernel_h * g.kernel_w + tap]);
  });
}

template <class To>
__global__ void convolution_pack_for_dx_kernel(Geometry g, const float* w, To* packed) {
  walk_planes(g.channels, g.dx_taps(), [&](std::int64_t c, std::int32_t index) {
    const auto [group, channel] = g.by_group_channels(std::int32_t(c));
    const auto [tap, output] = g.by_group_outputs(index);
    const std::int64_t k = std::int64_t(group) * g.group_outputs + output;
    store(packed + c * g.dx_taps() + index,
          w[k * g.forward_taps() + channel * g.kernel_h * g.kernel_w + tap]);
  });
}

__global__ void convolution_add_parts_kernel(Geometry g, const float* parts, std::int32_t splits,
                                             float* dw) {
  const std::int64_t part = std::int64_t(g.out_channels) * g.forward_taps();
  walk_planes(g.out_channels, g.forward_taps(), [&](std::int64_t k, std::int32_t index) {
    const auto [tap, c] = g.by_group_channels(index);
    float sum = 0.0f;
    for (std::int32_t split = 0; split < splits; ++split) {
      sum += parts[split * part + k * g.forward_taps() + index];
    }
    dw[k * g.forward_taps() + c * g.kernel_h * g.kernel_w + tap] += sum;
  });
}

// sums[b, k] = sum of the rows of dy that fall to blocks (., b); closes the ReLU on the way. Block
// (32, kRows).
template <class Y>
__global__ void bias_sums_kernel(const Y* y, Y* dy, std::int64_t rows, std::int64_t columns,
                                 double* sums) {
  auto* warps = dynamic_shared<double>();  // [kRows, 32]
  const std::int64_t k = std::int64_t(blockIdx.x) * kWarpSize + threadIdx.x;
  const std::int64_t step = std::int64_t(gridDim.y) * kRows;
  double sum = 0.0;
  for (std::int64_t m = std::int64_t(blockIdx.y) * kRows + threadIdx.y; k < columns && m < rows;
       m += step) {
    const std::int64_t i = m * columns + k;
    float gradient = load(dy + i);
    if (y != nullptr) {
      gradient = load(y + i) > 0.0f ? gradient : 0.0f;
      store(dy + i, gradient);
    }
    sum += double(gradient);
  }
  warps[threadIdx.y * kWarpSize + threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && k < columns) {
    for (unsigned row = 1; row < kRows; ++row) {
      sum += warps[row * kWarpSize + threadIdx.x];
    }
    sums[blockIdx.y * columns + k] = sum;
  }
}

__global__ void add_bias_sums_kernel(const double* sums, std::int64_t blocks, std::int64_t columns,
                                     float* db) {
  const std::int64_t k = std::int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (k >= columns) {
    return;
  }
  double sum = 0.0;
  for (std::int64_t b = 0; b < blocks; ++b) {
    sum += sums[b * columns + k];
  }
  db[k] += float(sum);
}

std::int64_t row_blocks(const Geometry& geometry) {
  const std::int64_t blocks = (geometry.y_pixels() + kRowsOfBlock - 1) / kRowsOfBlock;
  return std::min(blocks, kMostRowBlocks);
}

}  // namespace

void convolution_pack(Context& context, const ConvolutionGeometry& geometry, const float* w,
                      const Tensor& packed) {
  const PlaneGrid shape(geometry.out_channels, geometry.forward_taps());
  with_element(packed.spec.dtype, [&](auto element) {
    using To = decltype(element);
    launch(context, shape.grid, shape.threads, 0, convolution_pack_kernel<To>, geometry, w,
           packed.as<To>());
  });
}

void convolution_pack_for_dx(Context& context, const ConvolutionGeometry& geometry, const float* w,
                             const Tensor& packed) {
  const PlaneGrid shape(geometry.channels, geometry.dx_taps());
  with_element(packed.spec.dtype, [&](auto element) {
    using To = decltype(element);
    launch(context, shape.grid, shape.threads, 0, convolution_pack_for_dx_kernel<To>, geometry, w,
           packed.as<To>());
  });
}

void convolution_add_parts(Context& context, const ConvolutionGeometry& geometry,
                           const float* parts, std::int32_t splits, float* dw) {
  const PlaneGrid shape(geometry.out_channels, geometry.forward_taps());
  launch(context, shape.grid, shape.threads, 0, convolution_add_parts_kernel, geometry, parts,
         splits, dw);
}

void convolution_add_bias_gradient(Context& context, const ConvolutionGeometry& geometry,
                                   const ConvolutionBiasGradient& arguments) {
  const std::int64_t columns = geometry.out_channels;
  const std::int64_t blocks = row_blocks(geometry);
  const dim3 grid(unsigned((columns + kWarpSize - 1) / kWarpSize), unsigned(blocks));
  with_element(arguments.dy.spec.dtype, [&](auto element) {
    using Y = decltype(element);
    launch(context, grid, dim3(kWarpSize, kRows), kRows * kWarpSize * sizeof(double),
           bias_sums_kernel<Y>, static_cast<const Y*>(arguments.y.data), arguments.dy.as<Y>(),
           geometry.y_pixels(), columns, arguments.sums);
  });
  convolution_add_bias_sums(context, arguments.sums, blocks, columns, arguments.db);
}

void convolution_add_bias_sums(Context& context, const double* sums, std::int64_t blocks,
                               std::int64_t columns, float* db) {
  constexpr unsigned kThreads = 128;
  launch(context, unsigned((columns + kThreads - 1) / kThreads), kThreads, 0, add_bias_sums_kernel,
         sums, blocks, columns, db);
}

std::size_t convolution_bias_bytes(const ConvolutionGeometry& geometry) {
  return std::size_t(row_blocks(geometry)) * std::size_t(geometry.out_channels) * sizeof(double);
}

}  // namespace lrcn::cuda
