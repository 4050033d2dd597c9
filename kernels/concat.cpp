#include "kernels/concat.h"

#include "kernels/check_tensor.h"

namespace lrcn {

int check_concat(const char* op, std::span<const Tensor> parts, const Tensor& whole, int axis) {
  check_plain_activation(op, "whole", whole);
  const int rank = whole.shape().rank();
  check(-rank <= axis && axis < rank, op, ": axis ", axis, " is outside of ", whole.spec);
  const int front = axis < 0 ? axis + rank : axis;
  check(!parts.empty(), op, ": needs at least one tensor, got none");
  std::int64_t sum = 0;
  for (const Tensor& part : parts) {
    check_dtype(op, "part", part, whole.spec.dtype);
    const Shape& shape = part.shape();
    bool fits = part.spec.layout == Layout::plain && shape.rank() == rank;
    for (int i = 0; fits && i < rank; ++i) {
      fits = i == front || shape[i] == whole.shape()[i];
    }
    check(fits, op, ": ", part.spec, " does not fit into ", whole.spec, " along axis ", front);
    sum += shape[front];
  }
  check(sum == whole.shape()[front], op, ": the parts have ", sum, " along axis ", front,
        ", the whole ", whole.spec, " has ", whole.shape()[front]);
  return front;
}

}  // namespace lrcn
