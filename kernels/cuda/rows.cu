// Choosing rows. Compacting runs in one block: its result is in order, and there are few targets.
#include "core/cuda/stream.h"
#include "kernels/cuda/block_rank.h"
#include "kernels/cuda/matrix_walk.h"
#include "kernels/rows.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kCompactThreads = 1024;

// One block.
__global__ void compact_rows_kernel(const std::int32_t* targets, std::int64_t size,
                                    std::int32_t ignore_label, std::int32_t* rows,
                                    std::int32_t* count) {
  auto* counts = dynamic_shared<unsigned>();
  std::int64_t found = 0;
  for (std::int64_t begin = 0; begin < size; begin += blockDim.x) {
    const std::int64_t r = begin + threadIdx.x;
    const bool counted = r < size && targets[r] != ignore_label;
    const BlockRank rank = block_rank(counted, counts);
    if (counted) {
      rows[found + rank.before] = std::int32_t(r);
    }
    found += rank.total;
  }
  for (std::int64_t i = found + threadIdx.x; i < size; i += blockDim.x) {
    rows[i] = -1;
  }
  if (threadIdx.x == 0) {
    *count = std::int32_t(found);
  }
}

// A matrix of 32-bit words, whatever they mean.
struct Words2d {
  std::uint32_t* data;
  std::int64_t columns;
};

__global__ void gather_rows_kernel(Words2d x, const std::int32_t* rows, std::int64_t count,
                                   std::uint32_t* y) {
  walk_matrix(count, x.columns, [=](std::int64_t m, std::int64_t c) {
    const std::int64_t r = rows[m];
    y[m * x.columns + c] = r < 0 ? 0u : x.data[r * x.columns + c];
  });
}

__global__ void scatter_rows_kernel(Words2d x, const std::int32_t* rows, std::int64_t count,
                                    std::uint32_t* y) {
  walk_matrix(count, x.columns, [=](std::int64_t m, std::int64_t c) {
    const std::int64_t r = rows[m];
    if (r >= 0) {
      y[r * x.columns + c] = x.data[m * x.columns + c];
    }
  });
}

}  // namespace

void compact_rows(Context& context, Tensor targets, std::int32_t ignore_label, Tensor rows,
                  Tensor count) {
  check_compact_rows(targets, rows, count);
  launch(context, 1, kCompactThreads, kCompactThreads / kWarpSize * sizeof(unsigned),
         compact_rows_kernel, targets.as<std::int32_t>(), targets.elements(), ignore_label,
         rows.as<std::int32_t>(), count.as<std::int32_t>());
}

void gather_rows(Context& context, Tensor x, Tensor rows, Tensor y) {
  const auto columns = std::int64_t(check_moved_rows("gather_rows", x, rows, y, y));
  const MatrixGrid shape(rows.elements(), columns);
  const Words2d from{static_cast<std::uint32_t*>(x.data), columns};
  launch(context, shape.grid, shape.block, 0, gather_rows_kernel, from, rows.as<std::int32_t>(),
         rows.elements(), static_cast<std::uint32_t*>(y.data));
}

void scatter_rows(Context& context, Tensor x, Tensor rows, Tensor y) {
  const auto columns = std::int64_t(check_moved_rows("scatter_rows", x, rows, y, x));
  if (y.bytes() > 0) {
    enqueue_set_bytes(context, y.data, 0, y.bytes());
  }
  const MatrixGrid shape(rows.elements(), columns);
  const Words2d from{static_cast<std::uint32_t*>(x.data), columns};
  launch(context, shape.grid, shape.block, 0, scatter_rows_kernel, from, rows.as<std::int32_t>(),
         rows.elements(), static_cast<std::uint32_t*>(y.data));
}

}  // namespace lrcn::cuda
