// Joining tensors along one axis: one strided copy for each of them.
#include "kernels/check_tensor.h"
#include "kernels/concat.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/matrix_walk.h"

namespace lrcn::cuda {
namespace {

// Rows of `columns` elements, `stride` elements apart.
template <class T>
struct Slices {
  T* begin;
  std::int64_t stride;
};

template <class T>
__global__ void copy_slices_kernel(std::int64_t rows, std::int64_t columns, Slices<T> x,
                                   Slices<T> y) {
  walk_matrix(rows, columns, [=](std::int64_t r, std::int64_t c) {
    y.begin[r * y.stride + c] = x.begin[r * x.stride + c];
  });
}

// The whole tensor as rows that hold a piece of each part.
struct Pieces {
  std::int64_t rows;
  std::int64_t stride;
  int front;
  int rank;

  Pieces(const Tensor& whole, int front_)
      : rows(whole.shape().elements(0, front_)),
        stride(whole.shape().elements(front_, whole.shape().rank())),
        front(front_),
        rank(whole.shape().rank()) {}

  std::int64_t width(const Tensor& part) const { return part.shape().elements(front, rank); }
};

template <class T>
void copy_slices(Context& context, const Pieces& pieces, std::int64_t columns, const Slices<T>& x,
                 const Slices<T>& y) {
  const MatrixGrid shape(pieces.rows, columns);
  launch(context, shape.grid, shape.block, 0, copy_slices_kernel<T>, pieces.rows, columns, x, y);
}

}  // namespace

void concat_forward(Context& context, std::span<const Tensor> x, Tensor y, int axis) {
  const Pieces pieces(y, check_concat("concat_forward", x, y, axis));
  for (const Tensor& part : x) {
    check_present("concat_forward", "x", part);
  }
  with_element(y.spec.dtype, [&]<class T>(T) {
    T* out = y.as<T>();
    for (const Tensor& part : x) {
      const std::int64_t width = pieces.width(part);
      copy_slices<T>(context, pieces, width, {part.as<T>(), width}, {out, pieces.stride});
      out += width;
    }
  });
}

void concat_backward(Context& context, Tensor dy, std::span<const Tensor> dx, int axis) {
  const Pieces pieces(dy, check_concat("concat_backward", dx, dy, axis));
  with_element(dy.spec.dtype, [&]<class T>(T) {
    T* in = dy.as<T>();
    for (const Tensor& part : dx) {
      const std::int64_t width = pieces.width(part);
      if (part) {
        copy_slices<T>(context, pieces, width, {in, pieces.stride}, {part.as<T>(), width});
      }
      in += width;
    }
  });
}

}  // namespace lrcn::cuda
