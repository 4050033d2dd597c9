#include "kernels/bias_gradient.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_bias_gradient(const Tensor& dy, const Tensor& db, const BiasGradientOptions& options) {
  const auto& [factor, count] = options;
  check_plain_activation("bias_gradient", "dy", dy);
  check(dy.shape().rank() == 2, "bias_gradient: dy must be [M,N], got ", dy.spec);
  check_plain("bias_gradient", "db", db, DType::f32);
  check(db.shape().rank() == 1 && db.shape()[0] <= dy.shape()[1],
        "bias_gradient: db must be [N] with N <= ", dy.shape()[1], ", got ", db.spec);
  check(!factor || (factor.elements() == 1 && factor.spec.dtype == DType::f32),
        "bias_gradient: factor must be one f32, got ", factor.spec);
  if (count) {
    check_plain("bias_gradient", "count", count, DType::i32, {1});
  }
}

}  // namespace lrcn
