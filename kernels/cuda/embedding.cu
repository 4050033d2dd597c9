// Table lookup. Its gradient gives the same bits as adding row after row: the first row that has an
// id adds all rows with that id, in their order, and no other row touches that line of the table.
#include "kernels/cuda/block_rank.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/matrix_walk.h"
#include "kernels/embedding.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kThreads = 128;

template <class T>
__global__ void embedding_forward_kernel(const float* table, const std::int32_t* ids,
                                         std::int64_t rows, std::int64_t width, T* y) {
  walk_matrix(rows, width, [=](std::int64_t r, std::int64_t e) {
    store(y + r * width + e, table[ids[r] * width + e]);
  });
}

// Whether any row before `row` has its id. The same answer for all threads of the block.
__device__ bool has_earlier(const std::int32_t* ids, std::int64_t row, unsigned* counts) {
  bool found = false;
  for (std::int64_t r = threadIdx.x; r < row; r += blockDim.x) {
    found = found || ids[r] == ids[row];
  }
  return block_rank(found, counts).total > 0;
}

// A block for each row, of kThreads threads. Shared: a count a warp, then a list of rows.
template <class T>
__global__ void embedding_backward_kernel(const std::int32_t* ids, std::int64_t rows, const T* dy,
                                          std::int64_t width, float* dtable) {
  auto* counts = dynamic_shared<unsigned>();
  auto* listed = reinterpret_cast<std::int64_t*>(counts + kWarpSize);
  const std::int64_t row = blockIdx.x;
  if (has_earlier(ids, row, counts)) {
    return;
  }
  float* out = dtable + ids[row] * width;
  for (std::int64_t begin = row; begin < rows; begin += blockDim.x) {
    const std::int64_t r = begin + threadIdx.x;
    const bool matches = r < rows && ids[r] == ids[row];
    const BlockRank rank = block_rank(matches, counts);
    if (matches) {
      listed[rank.before] = r;
    }
    __syncthreads();
    for (std::int64_t e = threadIdx.x; rank.total > 0 && e < width; e += blockDim.x) {
      float sum = out[e];
      for (unsigned i = 0; i < rank.total; ++i) {
        sum += load(dy + listed[i] * width + e);
      }
      out[e] = sum;
    }
    __syncthreads();
  }
}

}  // namespace

void embedding_forward(Context& context, Tensor table, Tensor ids, Tensor y) {
  check_lookup("embedding_forward", table, ids, y);
  const std::int64_t width = table.shape()[1];
  const MatrixGrid shape(ids.elements(), width);
  with_element(y.spec.dtype, [&]<class T>(T) {
    launch(context, shape.grid, shape.block, 0, embedding_forward_kernel<T>, table.as<float>(),
           ids.as<std::int32_t>(), ids.elements(), width, y.as<T>());
  });
}

void embedding_backward(Context& context, Tensor ids, Tensor dy, Tensor dtable) {
  check_lookup("embedding_backward", dtable, ids, dy);
  constexpr std::size_t kShared = kWarpSize * sizeof(unsigned) + kThreads * sizeof(std::int64_t);
  with_element(dy.spec.dtype, [&]<class T>(T) {
    launch(context, unsigned(ids.elements()), kThreads, kShared, embedding_backward_kernel<T>,
           ids.as<std::int32_t>(), ids.elements(), dy.as<T>(), dtable.shape()[1],
           dtable.as<float>());
  });
}

}  // namespace lrcn::cuda
