// Rows of an LSTM sequence that are gathered or summed before and after products over all steps.
#include "kernels/cuda/lstm_sequence.h"
#include "kernels/cuda/matrix_walk.h"

namespace lrcn::cuda {
namespace {

// y, past: [rows, units], of which `batch` rows are a step.
__global__ void gather_past_kernel(const float* y, const float* cont, const float* h0,
                                   std::int64_t rows, std::int64_t batch, std::int64_t units,
                                   float* past) {
  walk_matrix(rows, units, [=](std::int64_t row, std::int64_t unit) {
    const float* from = row >= batch ? y + (row - batch) * units : h0 + row * units;
    const bool present = row >= batch || h0 != nullptr;
    const bool continues = cont == nullptr || cont[row] != 0.0f;
    past[row * units + unit] = present && continues ? from[unit] : 0.0f;
  });
}

// gates: [steps, rows, columns]
__global__ void sum_over_steps_kernel(const float* gates, std::int64_t steps, std::int64_t rows,
                                      std::int64_t columns, float* sums) {
  walk_matrix(rows, columns, [=](std::int64_t row, std::int64_t column) {
    const std::int64_t at = row * columns + column;
    float sum = gates[at];
    for (std::int64_t t = 1; t < steps; ++t) {
      sum += gates[t * rows * columns + at];
    }
    sums[at] = sum;
  });
}

}  // namespace

void gather_past(Context& context, const Tensor& y, const Tensor& cont, const float* h0,
                 float* past) {
  const std::int64_t batch = y.shape()[1];
  const std::int64_t rows = y.shape()[0] * batch;
  const std::int64_t units = y.shape()[2];
  const MatrixGrid shape(rows, units);
  launch(context, shape.grid, shape.block, 0, gather_past_kernel, y.as<float>(),
         cont ? cont.as<float>() : nullptr, h0, rows, batch, units, past);
}

void sum_over_steps(Context& context, const Tensor& gates, std::int64_t steps, const Tensor& sums) {
  const std::int64_t rows = sums.shape()[0];
  const std::int64_t columns = sums.shape()[1];
  const MatrixGrid shape(rows, columns);
  launch(context, shape.grid, shape.block, 0, sum_over_steps_kernel, gates.as<float>(), steps, rows,
         columns, sums.as<float>());
}

}  // namespace lrcn::cuda
