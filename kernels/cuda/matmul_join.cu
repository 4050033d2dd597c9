// What stands round the products: joining runs of terms, packing b, clearing what does not count.
#include "core/cuda/stream.h"
#include "kernels/cast.h"
#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/matmul_parts.h"
#include "kernels/cuda/matrix_walk.h"

namespace lrcn::cuda {
namespace {

__global__ void matmul_join_kernel(MatmulOutput output, TermSplit split, std::int64_t k) {
  output.m = output.rows();
  unsigned runs = 1;
  while (runs < split.count && !split.lacks(runs, k)) {
    ++runs;
  }
  walk_matrix(output.m, output.n, [=](std::int64_t i, std::int64_t j) {
    float sum = 0.0f;
    for (unsigned run = 0; run < runs; ++run) {
      sum += output.partials[(std::int64_t(run) * output.m + i) * output.n + j];
    }
    output.finish(i, j, sum);
  });
}

// x: [rows, columns]
template <class T>
__global__ void matmul_clear_kernel(T* x, std::int64_t rows, std::int64_t columns, MatmulCut cut) {
  const std::int64_t kept = cut.of(rows);
  walk_matrix(rows - kept, columns,
              [=](std::int64_t r, std::int64_t c) { x[(kept + r) * columns + c] = T(); });
}

constexpr int kTile = 32;
constexpr int kTileRows = 8;

// Tiles of 32 x 32 by way of shared memory, so that both sides are read and written along rows.
template <class From, class To>
__global__ void transpose_kernel(const From* b, std::int64_t n, std::int64_t k, To* packed) {
  auto* tile = dynamic_shared<float>();  // [kTile, kTile + 1]
  const int x = int(threadIdx.x);
  const std::int64_t tiles = (n + kTile - 1) / kTile;
  for (std::int64_t t = blockIdx.y; t < tiles; t += gridDim.y) {
    const std::int64_t first_l = std::int64_t(blockIdx.x) * kTile;
    const std::int64_t first_j = t * kTile;
    __syncthreads();
    for (int y = int(threadIdx.y); y < kTile; y += kTileRows) {
      if (first_j + y < n && first_l + x < k) {
        tile[y * (kTile + 1) + x] = load(b + (first_j + y) * k + first_l + x);
      }
    }
    __syncthreads();
    for (int y = int(threadIdx.y); y < kTile; y += kTileRows) {
      if (first_l + y < k && first_j + x < n) {
        store(packed + (first_l + y) * n + first_j + x, tile[x * (kTile + 1) + y]);
      }
    }
  }
}

template <class From, class To>
void launch_transpose(Context& context, const From* b, To* packed, const Shape& shape) {
  const std::int64_t k = shape[0];
  const std::int64_t n = shape[1];
  const dim3 grid(unsigned((k + kTile - 1) / kTile), blocks_for(n, kTile));
  launch(context, grid, dim3(kTile, kTileRows), kTile * (kTile + 1) * sizeof(float),
         transpose_kernel<From, To>, b, n, k, packed);
}

}  // namespace

void launch_matmul_join(Context& context, const MatmulCall& call) {
  if (call.split.count > 1) {
    const MatrixGrid shape(call.output.m, call.output.n);
    launch(context, shape.grid, shape.block, 0, matmul_join_kernel, call.output, call.split,
           call.k);
  }
}

void launch_matmul_clear(Context& context, const Tensor& x, const MatmulCut& cut) {
  const MatrixGrid shape(x.shape()[0], x.shape()[1]);
  with_element(x.spec.dtype, [&]<class T>(T) {
    launch(context, shape.grid, shape.block, 0, matmul_clear_kernel<T>, x.as<T>(), x.shape()[0],
           x.shape()[1], cut);
  });
}

void launch_matmul_copy(Context& context, const MatmulFactor& b, const Tensor& to) {
  if (b.dtype == to.spec.dtype) {
    enqueue_copy(context, to.data, b.data, to.bytes());
    return;
  }
  cast(context, {const_cast<void*>(b.data), {to.shape(), b.dtype}, to.device}, to);
}

void launch_matmul_transpose(Context& context, const MatmulFactor& b, const Tensor& to) {
  if (to.spec.dtype == DType::f32) {
    launch_transpose(context, b.as<float>(), to.as<float>(), to.shape());
  } else if (b.dtype == DType::f32) {
    launch_transpose(context, b.as<float>(), to.as<BFloat16>(), to.shape());
  } else {
    launch_transpose(context, b.as<BFloat16>(), to.as<BFloat16>(), to.shape());
  }
}

}  // namespace lrcn::cuda
