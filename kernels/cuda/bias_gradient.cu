// Sums over the rows of dy: a warp reads 128 bytes of every 16th row, which are the columns of a
// block.
#include "kernels/bias_gradient.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kRows = 16;  // of a block at a time

// The first `columns` of dy [rows, pitch], and what lies in memory beside it.
template <class T>
struct Rows {
  const T* dy;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t pitch;
  const std::int32_t* count;  // [1] or absent
  const float* factor;        // [1] or absent
};

// Block (32, kRows); a thread sums kWide neighbouring columns, of which the last may be padding.
template <int kWide, class T>
__global__ void bias_gradient_kernel(Rows<T> x, float* db) {
  auto* sums = dynamic_shared<double>();  // [kRows, 32, kWide]
  const std::int64_t n = (std::int64_t(blockIdx.x) * kWarpSize + threadIdx.x) * kWide;
  const std::int64_t rows = x.count != nullptr && *x.count < x.rows ? *x.count : x.rows;
  double own[kWide] = {};
  if (n < x.columns) {
#pragma unroll 4
    for (std::int64_t m = threadIdx.y; m < rows; m += kRows) {
      const auto values = load(reinterpret_cast<const Pack<T, kWide>*>(x.dy + m * x.pitch + n));
#pragma unroll
      for (int q = 0; q < kWide; ++q) {
        own[q] += double(values.at[q]);
      }
    }
  }
#pragma unroll
  for (int q = 0; q < kWide; ++q) {
    sums[(threadIdx.y * kWarpSize + threadIdx.x) * kWide + q] = own[q];
  }
  __syncthreads();
  const auto column = int(threadIdx.y * kWarpSize + threadIdx.x);  // of the block
  const std::int64_t first = std::int64_t(blockIdx.x) * kWarpSize * kWide;
  if (column < int(kWarpSize) * kWide && first + column < x.columns) {
    double sum = 0.0;
    for (int row = 0; row < int(kRows); ++row) {
      sum += sums[row * int(kWarpSize) * kWide + column];
    }
    db[first + column] += float((x.factor == nullptr ? 1.0 : double(*x.factor)) * sum);
  }
}

template <int kWide, class T>
void launch_wide(Context& context, const Rows<T>& x, float* db) {
  constexpr unsigned kColumns = kWarpSize * unsigned(kWide);
  launch(context, unsigned((x.columns + kColumns - 1) / kColumns), dim3(kWarpSize, kRows),
         kRows * kColumns * sizeof(double), bias_gradient_kernel<kWide, T>, x, db);
}

template <class T>
const T* optional(const Tensor& x) {
  return x ? x.as<T>() : nullptr;
}

}  // namespace

void bias_gradient(Context& context, Tensor dy, Tensor db, const BiasGradientOptions& options) {
  check_bias_gradient(dy, db, options);
  if (dy.shape()[0] == 0) {
    return;
  }
  with_element(dy.spec.dtype, [&]<class T>(T) {
    const Rows<T> x{.dy = dy.as<T>(),
                    .rows = dy.shape()[0],
                    .columns = db.shape()[0],
                    .pitch = dy.shape()[1],
                    .count = optional<std::int32_t>(options.count),
                    .factor = optional<float>(options.factor)};
    constexpr int kWide = 4 / int(sizeof(T));
    x.pitch % kWide == 0 && is_aligned(x.dy, 4) ? launch_wide<kWide>(context, x, db.as<float>())
                                                : launch_wide<1>(context, x, db.as<float>());
  });
}

}  // namespace lrcn::cuda
