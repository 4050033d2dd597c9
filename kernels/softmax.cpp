#include "kernels/softmax.h"

#include "kernels/check_tensor.h"

namespace lrcn {

SoftmaxRows check_softmax(const char* op, const Tensor& x, std::initializer_list<Tensor> others) {
  check_plain_activation(op, "x", x);
  const int rank = x.shape().rank();
  check(rank >= 1 && x.shape()[-1] >= 1, op, ": needs a last axis of at least 1, got ", x.spec);
  for (const Tensor& other : others) {
    check_like(op, "all tensors", other, x);
  }
  return {x.shape().elements(0, rank - 1), x.shape()[-1]};
}

}  // namespace lrcn
