#include "kernels/reorder.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_reorder(const Tensor& x, const Tensor& y) {
  check_activation("reorder", "x", x);
  check_spec("reorder", "y", y, {x.shape(), x.spec.dtype, y.spec.layout});
  check_present("reorder", "y", y);
  check(x.spec.layout == y.spec.layout || x.shape().rank() == 4, "reorder: from ", x.spec.layout,
        " to ", y.spec.layout, " needs rank 4, got ", x.shape());
}

}  // namespace lrcn
