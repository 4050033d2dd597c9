#include "kernels/bias_gradient.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_bias_gradient(const Tensor& dy, const Tensor& db, const Tensor& factor) {
  check_plain_activation("bias_gradient", "dy", dy);
  check(dy.shape().rank() == 2, "bias_gradient: dy must be [M,N], got ", dy.spec);
  check_plain("bias_gradient", "db", db, DType::f32, {dy.shape()[1]});
  check(!factor || (factor.elements() == 1 && factor.spec.dtype == DType::f32),
        "bias_gradient: factor must be one f32, got ", factor.spec);
}

}  // namespace lrcn
