// Bias and ReLU over finished sums: a warp along the columns, so that each thread reads its bias
// once.
#include <algorithm>

#include "kernels/cuda/bias_activation.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/launch.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kColumns = 32;
constexpr unsigned kRows = 8;

// y, bias: see bias_activation.h. Block (kColumns, kRows).
template <class T>
__global__ void bias_activation_kernel(T* y, const float* bias, bool relu, std::int64_t rows,
                                       std::int64_t columns, std::int64_t pitch) {
  const std::int64_t column = std::int64_t(blockIdx.x) * kColumns + threadIdx.x;
  if (column >= columns) {
    return;
  }
  const float own = bias == nullptr ? 0.0f : bias[column];
  const std::int64_t step = std::int64_t(gridDim.y) * kRows;
  for (std::int64_t row = std::int64_t(blockIdx.y) * kRows + threadIdx.y; row < rows; row += step) {
    const float value = load(y + row * pitch + column) + own;
    store(y + row * pitch + column, relu && value < 0.0f ? 0.0f : value);
  }
}

}  // namespace

void add_bias_and_activate(Context& context, Tensor y, Tensor bias, bool relu) {
  constexpr std::int64_t kMostRowBlocks = 4096;
  const std::int64_t rows = y.shape()[0];
  const std::int64_t pitch = y.shape()[1];
  const std::int64_t columns = bias ? bias.shape()[0] : pitch;
  const auto across = unsigned((columns + kColumns - 1) / kColumns);
  const auto down = unsigned(std::min((rows + kRows - 1) / kRows, kMostRowBlocks));
  with_element(y.spec.dtype, [&](auto element) {
    using T = decltype(element);
    launch(context, dim3(across, down), dim3(kColumns, kRows), 0, bias_activation_kernel<T>,
           y.as<T>(), bias ? bias.as<float>() : nullptr, relu, rows, columns, pitch);
  });
}

}  // namespace lrcn::cuda
