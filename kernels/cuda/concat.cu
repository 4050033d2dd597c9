// Joining tensors along one axis: one strided copy for each of them.
#include "kernels/check_tensor.h"
#include "kernels/concat.h"
#include "kernels/cuda/matrix_walk.h"

namespace lrcn::cuda {
namespace {

// Rows of `columns` elements, `stride` elements apart.
struct Slices {
  float* begin;
  std::int64_t stride;
};

__global__ void copy_slices_kernel(std::int64_t rows, std::int64_t columns, Slices x, Slices y) {
  walk_matrix(rows, columns, [=](std::int64_t r, std::int64_t c) {
    y.begin[r * y.stride + c] = x.begin[r * x.stride + c];
  });
}

void copy_slices(Context& context, std::int64_t rows, std::int64_t columns, const Slices& x,
                 const Slices& y) {
  const MatrixGrid shape(rows, columns);
  launch(context, shape.grid, shape.block, 0, copy_slices_kernel, rows, columns, x, y);
}

}  // namespace

void concat_forward(Context& context, std::span<const Tensor> x, Tensor y, int axis) {
  const int front = check_concat("concat_forward", x, y, axis);
  const int rank = y.shape().rank();
  const std::int64_t rows = y.shape().elements(0, front);
  const std::int64_t stride = y.shape().elements(front, rank);
  float* out = y.as<float>();
  for (const Tensor& part : x) {
    check_present("concat_forward", "x", part);
    const std::int64_t width = part.shape().elements(front, rank);
    copy_slices(context, rows, width, {part.as<float>(), width}, {out, stride});
    out += width;
  }
}

void concat_backward(Context& context, Tensor dy, std::span<const Tensor> dx, int axis) {
  const int front = check_concat("concat_backward", dx, dy, axis);
  const int rank = dy.shape().rank();
  const std::int64_t rows = dy.shape().elements(0, front);
  const std::int64_t stride = dy.shape().elements(front, rank);
  float* in = dy.as<float>();
  for (const Tensor& part : dx) {
    const std::int64_t width = part.shape().elements(front, rank);
    if (part) {
      copy_slices(context, rows, width, {in, stride}, {part.as<float>(), width});
    }
    in += width;
  }
}

}  // namespace lrcn::cuda
