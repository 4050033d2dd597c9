// What stands round the products: joining runs of terms, and packing b.
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/matmul_parts.h"
#include "kernels/cuda/matrix_walk.h"

namespace lrcn::cuda {
namespace {

__global__ void matmul_join_kernel(MatmulOutput output, unsigned runs) {
  walk_matrix(output.m, output.n, [=](std::int64_t i, std::int64_t j) {
    float sum = 0.0f;
    for (unsigned run = 0; run < runs; ++run) {
      sum += output.partials[(std::int64_t(run) * output.m + i) * output.n + j];
    }
    output.finish(i, j, sum);
  });
}

constexpr int kTile = 32;
constexpr int kTileRows = 8;

// Tiles of 32 x 32 by way of shared memory, so that both sides are read and written along rows.
__global__ void transpose_kernel(const float* b, std::int64_t n, std::int64_t k, float* packed) {
  auto* tile = dynamic_shared<float>();  // [kTile, kTile + 1]
  const int x = int(threadIdx.x);
  const std::int64_t tiles = (n + kTile - 1) / kTile;
  for (std::int64_t t = blockIdx.y; t < tiles; t += gridDim.y) {
    const std::int64_t first_l = std::int64_t(blockIdx.x) * kTile;
    const std::int64_t first_j = t * kTile;
    __syncthreads();
    for (int y = int(threadIdx.y); y < kTile; y += kTileRows) {
      if (first_j + y < n && first_l + x < k) {
        tile[y * (kTile + 1) + x] = b[(first_j + y) * k + first_l + x];
      }
    }
    __syncthreads();
    for (int y = int(threadIdx.y); y < kTile; y += kTileRows) {
      if (first_l + y < k && first_j + x < n) {
        packed[(first_l + y) * n + first_j + x] = tile[x * (kTile + 1) + y];
      }
    }
  }
}

}  // namespace

void launch_matmul_join(Context& context, const MatmulCall& call) {
  if (call.split.count > 1) {
    const MatrixGrid shape(call.output.m, call.output.n);
    launch(context, shape.grid, shape.block, 0, matmul_join_kernel, call.output, call.split.count);
  }
}

void launch_matmul_transpose(Context& context, const float* b, std::int64_t n, std::int64_t k,
                             float* packed) {
  const dim3 grid(unsigned((k + kTile - 1) / kTile), blocks_for(n, kTile));
  launch(context, grid, dim3(kTile, kTileRows), kTile * (kTile + 1) * sizeof(float),
         transpose_kernel, b, n, k, packed);
}

}  // namespace lrcn::cuda
