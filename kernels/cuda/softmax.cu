// Softmax and its logarithm, a block for each row.
#include <cmath>

#include "kernels/cuda/grid_size.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/softmax_row.h"
#include "kernels/softmax.h"

namespace lrcn::cuda {
namespace {

// Calls body(offset of the row) for the rows of this block.
template <class Body>
__device__ void each_row(const SoftmaxRows& rows, const Body& body) {
  for (std::int64_t r = blockIdx.x; r < rows.count; r += gridDim.x) {
    body(r * rows.width);
  }
}

// Calls body(v) for the elements of a row that fall to this thread.
template <class Body>
__device__ void each_column(const SoftmaxRows& rows, const Body& body) {
  for (std::int64_t v = threadIdx.x; v < rows.width; v += blockDim.x) {
    body(v);
  }
}

// y_v = exp(x_v - max) / sum_u exp(x_u - max)
template <class T>
__global__ void softmax_forward_kernel(SoftmaxRows rows, const T* x, T* y) {
  void* scratch = dynamic_shared<void>();
  each_row(rows, [=](std::int64_t row) {
    const float largest = row_max(x + row, rows.width, scratch);
    const double sum = row_exp_sum(x + row, rows.width, largest, scratch);
    const float factor = float(1.0 / sum);
    each_column(rows, [=](std::int64_t v) {
      store(y + row + v, vector_exp(load(x + row + v) - largest) * factor);
    });
  });
}

// dx_v = y_v (dy_v - sum_u y_u dy_u)
template <class T>
__global__ void softmax_backward_kernel(SoftmaxRows rows, const T* y, const T* dy, T* dx) {
  void* scratch = dynamic_shared<void>();
  each_row(rows, [=](std::int64_t row) {
    double products = 0.0;
    each_column(rows, [&](std::int64_t v) {
      products += double(load(y + row + v)) * double(load(dy + row + v));
    });
    const float mean = float(block_reduce(products, scratch, Added()));
    each_column(rows, [=](std::int64_t v) {
      store(dx + row + v, load(y + row + v) * (load(dy + row + v) - mean));
    });
  });
}

// y_v = x_v - max - log sum_u exp(x_u - max)
template <class T>
__global__ void log_softmax_forward_kernel(SoftmaxRows rows, const T* x, T* y) {
  void* scratch = dynamic_shared<void>();
  each_row(rows, [=](std::int64_t row) {
    const float largest = row_max(x + row, rows.width, scratch);
    const float log_sum = float(std::log(row_exp_sum(x + row, rows.width, largest, scratch)));
    each_column(
        rows, [=](std::int64_t v) { store(y + row + v, (load(x + row + v) - largest) - log_sum); });
  });
}

// dx_v = dy_v - exp(y_v) sum_u dy_u
template <class T>
__global__ void log_softmax_backward_kernel(SoftmaxRows rows, const T* y, const T* dy, T* dx) {
  void* scratch = dynamic_shared<void>();
  each_row(rows, [=](std::int64_t row) {
    double total = 0.0;
    each_column(rows, [&](std::int64_t v) { total += double(load(dy + row + v)); });
    const float sum = float(block_reduce(total, scratch, Added()));
    each_column(rows, [=](std::int64_t v) {
      const float probability = vector_exp(load(y + row + v));
      store(dx + row + v, multiply_add(-probability, sum, load(dy + row + v)));
    });
  });
}

template <class... Parameters, class... Pointers>
void launch_rows(Context& context, const SoftmaxRows& rows, void (*kernel)(Parameters...),
                 Pointers... pointers) {
  constexpr std::int64_t kMostRows = 1 << 20;
  launch(context, blocks_for(rows.count, 1, kMostRows), row_threads(rows.width), kReduceBytes,
         kernel, rows, pointers...);
}

}  // namespace

void softmax_forward(Context& context, Tensor x, Tensor y) {
  const SoftmaxRows rows = check_softmax("softmax_forward", x, {y});
  with_element(x.spec.dtype, [&]<class T>(T) {
    launch_rows(context, rows, softmax_forward_kernel<T>, x.as<T>(), y.as<T>());
  });
}

void softmax_backward(Context& context, Tensor y, Tensor dy, Tensor dx) {
  const SoftmaxRows rows = check_softmax("softmax_backward", y, {dy, dx});
  with_element(y.spec.dtype, [&]<class T>(T) {
    launch_rows(context, rows, softmax_backward_kernel<T>, y.as<T>(), dy.as<T>(), dx.as<T>());
  });
}

void log_softmax_forward(Context& context, Tensor x, Tensor y) {
  const SoftmaxRows rows = check_softmax("log_softmax_forward", x, {y});
  with_element(x.spec.dtype, [&]<class T>(T) {
    launch_rows(context, rows, log_softmax_forward_kernel<T>, x.as<T>(), y.as<T>());
  });
}

void log_softmax_backward(Context& context, Tensor y, Tensor dy, Tensor dx) {
  const SoftmaxRows rows = check_softmax("log_softmax_backward", y, {dy, dx});
  with_element(y.spec.dtype, [&]<class T>(T) {
    launch_rows(context, rows, log_softmax_backward_kernel<T>, y.as<T>(), dy.as<T>(), dx.as<T>());
  });
}

}  // namespace lrcn::cuda
