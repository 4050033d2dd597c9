#include "kernels/concat.h"

#include <cstring>

#include "kernels/check_tensor.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {
namespace {

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
  const int front = check_concat("concat_forward", x, y, axis);
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
  const int front = check_concat("concat_backward", dx, dy, axis);
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
