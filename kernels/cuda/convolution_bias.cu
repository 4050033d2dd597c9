// Bias and ReLU over finished sums: a warp along the channels, so that each thread reads its bias
// once.
#include <algorithm>

#include "kernels/cuda/convolution_bias.h"
#include "kernels/cuda/launch.h"

namespace lrcn::cuda {
namespace {

constexpr unsigned kColumns = 32;
constexpr unsigned kRows = 8;

// Block (kColumns, kRows).
__global__ void bias_activation_kernel(BiasActivation a) {
  const std::int64_t column = std::int64_t(blockIdx.x) * kColumns + threadIdx.x;
  if (column >= a.columns) {
    return;
  }
  const float bias = a.bias == nullptr ? 0.0f : a.bias[column];
  const std::int64_t step = std::int64_t(gridDim.y) * kRows;
  for (std::int64_t row = std::int64_t(blockIdx.y) * kRows + threadIdx.y; row < a.rows;
       row += step) {
    const float value = a.y[row * a.columns + column] + bias;
    a.y[row * a.columns + column] = a.relu && value < 0.0f ? 0.0f : value;
  }
}

}  // namespace

void add_bias_and_activate(Context& context, const BiasActivation& arguments) {
  constexpr std::int64_t kMostRowBlocks = 4096;
  const auto across = unsigned((arguments.columns + kColumns - 1) / kColumns);
  const auto down = unsigned(std::min((arguments.rows + kRows - 1) / kRows, kMostRowBlocks));
  launch(context, dim3(across, down), dim3(kColumns, kRows), 0, bias_activation_kernel, arguments);
}

}  // namespace lrcn::cuda
