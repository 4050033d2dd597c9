// Products of few rows, the step of decoding: bound by reading b, which is read once. The rows of a
// lie in shared memory, term by term.
#include <cmath>

#include "kernels/cuda/block_reduce.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/matmul_parts.h"

namespace lrcn::cuda {
namespace {

constexpr int kWarps = 8;     // of a block
constexpr int kColumns = 32;  // of a block
constexpr int kTerms = 512;   // of a that are in shared memory at a time

// a as [m, k] with any strides.
struct RowOperand {
  const float* data;
  std::int64_t row_stride;
  std::int64_t term_stride;
};

// Calls body(l, a_l, row l of terms) for all terms of the run, kTerms at a time, each by one of the
// threads that share `lane` and number `of` lanes; a_l points to a's kRows values of term l.
template <int kRows, class Body>
__device__ void each_term(const RowOperand& a, std::int64_t m, std::int64_t begin, std::int64_t end,
                          int lane, int lanes, const Body& body) {
  auto* shared = dynamic_shared<float>();  // [kTerms, kRows]
  const int thread = int(threadIdx.y * kWarpSize + threadIdx.x);
  for (std::int64_t first = begin; first < end; first += kTerms) {
    const int count = int(end - first < kTerms ? end - first : kTerms);
    __syncthreads();
    for (int r = 0; r < kRows; ++r) {
      for (int l = thread; l < count; l += kWarps * int(kWarpSize)) {
        shared[l * kRows + r] =
            r < m ? a.data[r * a.row_stride + (first + l) * a.term_stride] : 0.0f;
      }
    }
    __syncthreads();
    [[maybe_unused]] constexpr int kUnrolled = kRows == 8 ? 4 : 8;  // loads of b on their way
#pragma unroll kUnrolled
    for (int l = lane; l < count; l += lanes) {
      body(first + l, shared + l * kRows);
    }
  }
}

__device__ inline std::int64_t end_of_run(const TermSplit& split, std::int64_t k) {
  const std::int64_t end = (std::int64_t(blockIdx.y) + 1) * split.depth;
  return end < k ? end : k;
}

// b: [k, n]. A lane sums up one column, a warp every eighth term; then the warps are joined.
template <int kRows>
__global__ void __launch_bounds__(kWarps* int(kWarpSize))
    matmul_rows_kernel(RowOperand a, const float* b, std::int64_t k, TermSplit split,
                       MatmulOutput output) {
  const std::int64_t j = std::int64_t(blockIdx.x) * kColumns + threadIdx.x;
  float sums[kRows] = {};
  each_term<kRows>(a, output.m, blockIdx.y * split.depth, end_of_run(split, k), int(threadIdx.y),
                   kWarps, [&](std::int64_t l, const float* x) {
                     const float y = j < output.n ? b[l * output.n + j] : 0.0f;
#pragma unroll
                     for (int r = 0; r < kRows; ++r) {
                       sums[r] = std::fma(x[r], y, sums[r]);
                     }
                   });
  auto* shared = dynamic_shared<float>();  // [kWarps, kRows, kColumns]
  __syncthreads();
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    shared[(int(threadIdx.y) * kRows + r) * kColumns + int(threadIdx.x)] = sums[r];
  }
  __syncthreads();
  const int r = int(threadIdx.y);
  if (r < kRows) {
    float sum = 0.0f;
    for (int w = 0; w < kWarps; ++w) {
      sum += shared[(w * kRows + r) * kColumns + int(threadIdx.x)];
    }
    output.store(r, j, blockIdx.y, sum);
  }
}

// b: [n, k]. A warp sums up four columns, its lanes neighbouring terms.
template <int kRows>
__global__ void __launch_bounds__(kWarps* int(kWarpSize))
    matmul_rows_transposed_kernel(RowOperand a, const float* b, std::int64_t k, TermSplit split,
                                  MatmulOutput output) {
  constexpr int kOwn = kColumns / kWarps;
  const std::int64_t column = std::int64_t(blockIdx.x) * kColumns + threadIdx.y * kOwn;
  const float* rows[kOwn];
#pragma unroll
  for (int q = 0; q < kOwn; ++q) {
    rows[q] = b + (column + q < output.n ? column + q : output.n - 1) * k;
  }
  float sums[kRows][kOwn] = {};
  each_term<kRows>(a, output.m, blockIdx.y * split.depth, end_of_run(split, k), int(threadIdx.x),
                   int(kWarpSize), [&](std::int64_t l, const float* x) {
#pragma unroll
                     for (int q = 0; q < kOwn; ++q) {
                       const float y = rows[q][l];
#pragma unroll
                       for (int r = 0; r < kRows; ++r) {
                         sums[r][q] = std::fma(x[r], y, sums[r][q]);
                       }
                     }
                   });
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
#pragma unroll
    for (int q = 0; q < kOwn; ++q) {
      const float sum = warp_reduce(sums[r][q], Added());
      if (int(threadIdx.x) == r * kOwn + q) {
        output.store(r, column + q, blockIdx.y, sum);
      }
    }
  }
}

template <int kRows>
void launch_rows(Context& context, const MatmulCall& call) {
  const MatmulOutput& output = call.output;
  const RowOperand a{call.a, call.transpose_a ? 1 : call.k, call.transpose_a ? output.m : 1};
  const dim3 grid(unsigned((output.n + kColumns - 1) / kColumns), call.split.count);
  constexpr std::size_t kShared = std::size_t(kTerms * kRows) * sizeof(float);
  static_assert(kTerms >= kWarps * kColumns);
  launch(context, grid, dim3(kWarpSize, kWarps), kShared,
         call.transpose_b ? matmul_rows_transposed_kernel<kRows> : matmul_rows_kernel<kRows>, a,
         call.b, call.k, call.split, output);
}

}  // namespace

void launch_matmul_rows(Context& context, const MatmulCall& call) {
  const std::int64_t m = call.output.m;
  if (m <= 1) {
    launch_rows<1>(context, call);
  } else if (m <= 2) {
    launch_rows<2>(context, call);
  } else if (m <= 4) {
    launch_rows<4>(context, call);
  } else {
    launch_rows<kMatmulFewRows>(context, call);
  }
}

}  // namespace lrcn::cuda
