// Sums over the rows of dy: a block sums 32 neighbouring columns, its warps every 16th row of them.
#include "kernels/bias_gradient.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/ptx.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kRows = 16;  // of a block at a time
constexpr std::size_t kSharedBytes = kRows * kWarpSize * sizeof(double);

// dy: [M, N], block (32, kRows).
template <class T>
__global__ void bias_gradient_kernel(const T* dy, std::int64_t rows, std::int64_t columns,
                                     const float* factor, float* db) {
  auto* sums = dynamic_shared<double>();  // [kRows, 32]
  const std::int64_t n = std::int64_t(blockIdx.x) * kWarpSize + threadIdx.x;
  double sum = 0.0;
  for (std::int64_t m = threadIdx.y; n < columns && m < rows; m += kRows) {
    sum += double(load(dy + m * columns + n));
  }
  sums[threadIdx.y * kWarpSize + threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && n < columns) {
    for (unsigned row = 1; row < kRows; ++row) {
      sum += sums[row * kWarpSize + threadIdx.x];
    }
    db[n] += float((factor == nullptr ? 1.0 : double(*factor)) * sum);
  }
}

}  // namespace

void bias_gradient(Context& context, Tensor dy, Tensor db, Tensor factor) {
  check_bias_gradient(dy, db, factor);
  const std::int64_t rows = dy.shape()[0];
  const std::int64_t columns = dy.shape()[1];
  if (rows == 0) {
    return;
  }
  with_element(dy.spec.dtype, [&]<class T>(T) {
    launch(context, unsigned((columns + kWarpSize - 1) / kWarpSize), dim3(kWarpSize, kRows),
           kSharedBytes, bias_gradient_kernel<T>, dy.as<T>(), rows, columns,
           factor ? factor.as<float>() : nullptr, db.as<float>());
  });
}

}  // namespace lrcn::cuda
