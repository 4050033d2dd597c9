#include "kernels/scale_by_tensor.h"

#include "kernels/elementwise.h"

namespace lrcn::cpu {

void scale_by_tensor(Context& context, Tensor x, Tensor factor, Tensor y) {
  check(factor && factor.elements() == 1, "scale_by_tensor: factor must be one f32, got ",
        factor.spec);
  scale_by(context, x, *factor.as<float>(), y);
}

}  // namespace lrcn::cpu
