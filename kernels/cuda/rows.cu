// Choosing rows. Compacting runs in one block: its result is in order, and there are few targets.
#include "core/cuda/stream.h"
#include "kernels/cuda/block_rank.h"
#include "kernels/cuda/element.h"
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

// A matrix of words of some size, whatever they mean.
template <class Word>
struct Words2d {
  const Word* data;
  std::int64_t columns;
};

template <class Word>
__global__ void gather_rows_kernel(Words2d<Word> x, const std::int32_t* rows, std::int64_t count,
                                   Word* y) {
  walk_matrix(count, x.columns, [=](std::int64_t m, std::int64_t c) {
    const std::int64_t r = rows[m];
    y[m * x.columns + c] = r < 0 ? Word(0) : x.data[r * x.columns + c];
  });
}

template <class Word>
__global__ void scatter_rows_kernel(Words2d<Word> x, const std::int32_t* rows, std::int64_t count,
                                    Word* y) {
  walk_matrix(count, x.columns, [=](std::int64_t m, std::int64_t c) {
    const std::int64_t r = rows[m];
    if (r >= 0) {
      y[r * x.columns + c] = x.data[m * x.columns + c];
    }
  });
}

// Calls body(x, to) with both matrices as words of 32 bits, or of 16 for rows of bf16 that are no
// whole number of 32 bits. columns: elements of a row.
template <class Body>
void with_words(const Tensor& x, const Tensor& y, std::size_t columns, const Body& body) {
  const std::size_t bytes = columns * size_of(x.spec.dtype);
  const auto as = [&]<class Word>(Word) {
    body(Words2d<Word>{static_cast<const Word*>(x.data), std::int64_t(bytes / sizeof(Word))},
         static_cast<Word*>(y.data));
  };
  if (bytes % 4 == 0 && is_aligned(x.data, 4) && is_aligned(y.data, 4)) {
    as(std::uint32_t());
  } else {
    as(std::uint16_t());
  }
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
  const std::size_t columns = check_moved_rows("gather_rows", x, rows, y, y);
  with_words(x, y, columns, [&]<class Word>(const Words2d<Word>& from, Word* to) {
    const MatrixGrid shape(rows.elements(), from.columns);
    launch(context, shape.grid, shape.block, 0, gather_rows_kernel<Word>, from,
           rows.as<std::int32_t>(), rows.elements(), to);
  });
}

void scatter_rows(Context& context, Tensor x, Tensor rows, Tensor y) {
  const std::size_t columns = check_moved_rows("scatter_rows", x, rows, y, x);
  if (y.bytes() > 0) {
    enqueue_set_bytes(context, y.data, 0, y.bytes());
  }
  with_words(x, y, columns, [&]<class Word>(const Words2d<Word>& from, Word* to) {
    const MatrixGrid shape(rows.elements(), from.columns);
    launch(context, shape.grid, shape.block, 0, scatter_rows_kernel<Word>, from,
           rows.as<std::int32_t>(), rows.elements(), to);
  });
}

}  // namespace lrcn::cuda
