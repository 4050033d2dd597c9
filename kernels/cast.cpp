#include "kernels/cast.h"

#include "kernels/check_tensor.h"

namespace lrcn {

void check_cast(const Tensor& x, const Tensor& y) {
  const bool widens = x.spec.dtype == DType::bf16;
  check(widens || x.spec.dtype == DType::f32, "cast: x must be f32 or bf16, got ", x.spec);
  check_spec("cast", "y", y, {x.shape(), widens ? DType::f32 : DType::bf16, x.spec.layout});
  check_present("cast", "x", x);
  check_present("cast", "y", y);
}

}  // namespace lrcn
