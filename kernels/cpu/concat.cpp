#include "kernels/concat.h"

#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {
namespace {

// Checks that `parts` fill `whole` along `axis` (counted from the front).
void check_parts(const char* op, std::span<const Tensor> parts, const Tensor& whole, int axis) {
  check(!parts.empty(), op, ": needs at least one tensor, got none");
  std::int64_t sum = 0;
  for (const Tensor& part : parts) {
    check_dtype(op, "part", part, DType::f32);
    const Shape& shape = part.shape();
    bool fits = part.spec.layout == Layout::plain && shape.rank() == whole.shape().rank();
    for (int i = 0; fits && i < shape.rank(); ++i) {
      fits = i == axis || shape[i] == whole.shape()[i];
    }
    check(fits, op, ": ", part.spec, " does not fit into ", whole.spec, " along axis ", axis);
    sum += shape[axis];
  }
  check(sum == whole.shape()[axis], op, ": the parts have ", sum, " along axis ", axis,
        ", the whole ", whole.spec, " has ", whole.shape()[axis]);
}

int front_axis(const char* op, const Tensor& whole, int axis) {
  check_plain(op, "whole", whole, DType::f32);
  const int rank = whole.shape().rank();
  check(-rank <= axis && axis < rank, op, ": axis ", axis, " is outside of ", whole.spec);
  return axis < 0 ? axis + rank : axis;
}

// Copies rows of `width` elements between arrays of different stride.
void copy_rows(std::int64_t rows, std::int64_t width, const float* in, std::int64_t in_stride,
               float* out, std::int64_t out_stride) {
  for_rows(rows, width, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      std::memcpy(out + r * out_stride, in + r * in_stride, std::size_t(width) * sizeof(float));
    }
  });
}

}  // namespace

void concat_forward(Context&, std::span<const Tensor> x, Tensor y, int axis) {
  const int front = front_axis("concat_forward", y, axis);
  check_parts("concat_forward", x, y, front);
  const int rank = y.shape().rank();
  const std::int64_t rows = y.shape().elements(0, front);
  const std::int64_t stride = y.shape().elements(front, rank);
  float* out = y.as<float>();
  for (const Tensor& part : x) {
    check_present("concat_forward", "x", part);
    const std::int64_t width = part.shape().elements(front, rank);
    if (rows * width != 0) {
      copy_rows(rows, width, part.as<float>(), width, out, stride);
    }
    out += width;
  }
}

void concat_backward(Context&, Tensor dy, std::span<const Tensor> dx, int axis) {
  const int front = front_axis("concat_backward", dy, axis);
  check_parts("concat_backward", dx, dy, front);
  const int rank = dy.shape().rank();
  const std::int64_t rows = dy.shape().elements(0, front);
  const std::int64_t stride = dy.shape().elements(front, rank);
  const float* in = dy.as<float>();
  for (const Tensor& part : dx) {
    const std::int64_t width = part.shape().elements(front, rank);
    if (part && rows * width != 0) {
      copy_rows(rows, width, in, stride, part.as<float>(), width);
    }
    in += width;
  }
}

}  // namespace lrcn::cpu
