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
  MatmulFactor data;
  std::int64_t row_stride;
  std::int64_t term_stride;

  __device__ float at(std::int64_t r, std::int64_t l) const {
    const std::int64_t i = r * row_stride + l * term_stride;
    return data.dtype == DType::bf16 ? load(data.as<BFloat16>() + i) : data.as<float>()[i];
  }
};

// Calls body(l, a_l) for every kTogether-th term l of the run, kTerms at a time; each l falls to
// one of the threads that share a lane, of so many lanes. a_l: [kTogether, kRows], a's values from
// term l on.
template <int kRows, int kTogether, class Body>
__device__ void each_term(const RowOperand& a, std::int64_t m, std::int64_t begin, std::int64_t end,
                          int lane, int lanes, const Body& body) {
  auto* shared = dynamic_shared<float>();  // [kTerms, kRows]
  const int thread = int(threadIdx.y * kWarpSize + threadIdx.x);
  for (std::int64_t first = begin; first < end; first += kTerms) {
    const int count = int(end - first < kTerms ? end - first : kTerms);
    __syncthreads();
    for (int r = 0; r < kRows; ++r) {
      for (int l = thread; l < count; l += kWarps * int(kWarpSize)) {
        shared[l * kRows + r] = r < m ? a.at(r, first + l) : 0.0f;
      }
    }
    __syncthreads();
    [[maybe_unused]] constexpr int kUnrolled = kRows == 8 ? 4 : 8;  // loads of b on their way
#pragma unroll kUnrolled
    for (int l = lane * kTogether; l < count; l += lanes * kTogether) {
      body(first + l, shared + l * kRows);
    }
  }
}

// What is read of b at once: two bf16 have the size of one f32.
template <class Element, int kWide>
__device__ Pack<float, kWide> load_of_b(const Element* b) {
  return load(reinterpret_cast<const Pack<Element, kWide>*>(b));
}

// b: [k, n]. A lane sums up kWide columns of every so-manieth term; then the lanes of a column are
// joined.
template <int kRows, class Element, int kWide>
__global__ void __launch_bounds__(kWarps* int(kWarpSize), 2)
    matmul_rows_kernel(RowOperand a, const Element* b, std::int64_t k, TermSplit split,
                       MatmulOutput output) {
  output.m = output.rows();
  if (output.m == 0 || split.lacks(blockIdx.y, k)) {
    return;
  }
  constexpr int kLanes = kColumns / kWide;  // of a term
  constexpr int kLines = kWarps * kWide;    // terms at a time
  const int line = int(threadIdx.y) * kWide + int(threadIdx.x) / kLanes;
  const int column = int(threadIdx.x) % kLanes * kWide;
  const std::int64_t first = std::int64_t(blockIdx.x) * kColumns;
  float sums[kRows][kWide] = {};
  each_term<kRows, 1>(a, output.m, split.begin(blockIdx.y), split.end(blockIdx.y, k), line, kLines,
                      [&](std::int64_t l, const float* x) {
                        const std::int64_t j = first + column;
                        const auto y = j < output.n
                                           ? load_of_b<Element, kWide>(b + l * output.n + j)
                                           : Pack<float, kWide>{};
#pragma unroll
                        for (int r = 0; r < kRows; ++r) {
#pragma unroll
                          for (int q = 0; q < kWide; ++q) {
                            sums[r][q] = std::fma(x[r], y.at[q], sums[r][q]);
                          }
                        }
                      });
  auto* shared = dynamic_shared<float>();  // [kLines, kRows, kColumns]
  static_assert(kTerms >= kLines * kColumns);
  __syncthreads();
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
#pragma unroll
    for (int q = 0; q < kWide; ++q) {
      shared[(line * kRows + r) * kColumns + column + q] = sums[r][q];
    }
  }
  __syncthreads();
  const int r = int(threadIdx.y);
  if (r < kRows) {
    float sum = 0.0f;
    for (int w = 0; w < kLines; ++w) {
      sum += shared[(w * kRows + r) * kColumns + int(threadIdx.x)];
    }
    output.store(r, first + threadIdx.x, blockIdx.y, sum);
  }
}

// b: [n, k]. A warp sums up four columns, its lanes neighbouring terms.
template <int kRows, class Element, int kWide>
__global__ void __launch_bounds__(kWarps* int(kWarpSize), 2)
    matmul_rows_transposed_kernel(RowOperand a, const Element* b, std::int64_t k, TermSplit split,
                                  MatmulOutput output) {
  output.m = output.rows();
  if (output.m == 0 || split.lacks(blockIdx.y, k)) {
    return;
  }
  constexpr int kOwn = kColumns / kWarps;
  const std::int64_t column = std::int64_t(blockIdx.x) * kColumns + threadIdx.y * kOwn;
  const Element* rows[kOwn];
#pragma unroll
  for (int q = 0; q < kOwn; ++q) {
    rows[q] = b + (column + q < output.n ? column + q : output.n - 1) * k;
  }
  float sums[kRows][kOwn] = {};
  each_term<kRows, kWide>(a, output.m, split.begin(blockIdx.y), split.end(blockIdx.y, k),
                          int(threadIdx.x), int(kWarpSize), [&](std::int64_t l, const float* x) {
#pragma unroll
                            for (int q = 0; q < kOwn; ++q) {
                              const auto y = load_of_b<Element, kWide>(rows[q] + l);
#pragma unroll
                              for (int t = 0; t < kWide; ++t) {
#pragma unroll
                                for (int r = 0; r < kRows; ++r) {
                                  sums[r][q] = std::fma(x[t * kRows + r], y.at[t], sums[r][q]);
                                }
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

template <int kRows, class Element, int kWide>
void launch_rows(Context& context, const MatmulCall& call) {
  const MatmulOutput& output = call.output;
  const RowOperand a{call.a, call.transpose_a ? 1 : call.a.pitch,
                     call.transpose_a ? call.a.pitch : 1};
  const dim3 grid(unsigned((output.n + kColumns - 1) / kColumns), call.split.count);
  constexpr std::size_t kShared = std::size_t(kTerms * kRows) * sizeof(float);
  launch(context, grid, dim3(kWarpSize, kWarps), kShared,
         call.transpose_b ? matmul_rows_transposed_kernel<kRows, Element, kWide>
                          : matmul_rows_kernel<kRows, Element, kWide>,
         a, call.b.as<Element>(), call.k, call.split, output);
}

template <int kRows>
void launch_rows(Context& context, const MatmulCall& call) {
  if (call.b.dtype == DType::f32) {
    launch_rows<kRows, float, 1>(context, call);
    return;
  }
  const bool pairs = call.b.pitch % 2 == 0 && is_aligned(call.b.data, 2 * sizeof(BFloat16));
  pairs ? launch_rows<kRows, BFloat16, 2>(context, call)
        : launch_rows<kRows, BFloat16, 1>(context, call);
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
