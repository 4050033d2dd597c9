// Rows of an LSTM sequence that are gathered or summed before and after products over all steps.
#include "kernels/cuda/element.h"
#include "kernels/cuda/lstm_sequence.h"
#include "kernels/cuda/matrix_walk.h"

namespace lrcn::cuda {
namespace {

// past: [rows, units], the last rows of the sequence, of which `batch` are a step; y likewise, but
// a step earlier; h0: [batch, units], read for the first step.
template <class T>
__global__ void gather_past_kernel(const T* y, const float* cont, const float* h0,
                                   std::int64_t rows, std::int64_t batch, std::int64_t units,
                                   T* past) {
  const std::int64_t first = h0 == nullptr ? batch : 0;
  walk_matrix(rows, units, [=](std::int64_t row, std::int64_t unit) {
    const std::int64_t at = first + row;
    float h = 0.0f;
    if (cont == nullptr || cont[at] != 0.0f) {
      h = at < batch ? h0[at * units + unit] : load(y + (at - batch) * units + unit);
    }
    store(past + row * units + unit, h);
  });
}

// gates: [steps, rows, columns]
template <class T>
__global__ void sum_over_steps_kernel(const T* gates, std::int64_t steps, std::int64_t rows,
                                      std::int64_t columns, T* sums) {
  walk_matrix(rows, columns, [=](std::int64_t row, std::int64_t column) {
    const std::int64_t at = row * columns + column;
    float sum = load(gates + at);
    for (std::int64_t t = 1; t < steps; ++t) {
      sum += load(gates + t * rows * columns + at);
    }
    store(sums + at, sum);
  });
}

}  // namespace

void gather_past(Context& context, const Tensor& y, const Tensor& cont, const float* h0,
                 const Tensor& past) {
  const std::int64_t batch = y.shape()[1];
  const std::int64_t rows = past.shape()[0];
  const std::int64_t units = past.shape()[1];
  const MatrixGrid shape(rows, units);
  with_element(y.spec.dtype, [&]<class T>(T) {
    launch(context, shape.grid, shape.block, 0, gather_past_kernel<T>, y.as<T>(),
           elements_of<float>(cont), h0, rows, batch, units, past.as<T>());
  });
}

void sum_over_steps(Context& context, const Tensor& gates, std::int64_t steps, const Tensor& sums) {
  const std::int64_t rows = sums.shape()[0];
  const std::int64_t columns = sums.shape()[1];
  const MatrixGrid shape(rows, columns);
  with_element(gates.spec.dtype, [&]<class T>(T) {
    launch(context, shape.grid, shape.block, 0, sum_over_steps_kernel<T>, gates.as<T>(), steps,
           rows, columns, sums.as<T>());
  });
}

}  // namespace lrcn::cuda
