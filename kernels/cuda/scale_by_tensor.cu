// Scaling by a number that lies in memory of the device.
#include "kernels/check_tensor.h"
#include "kernels/cuda/map.h"
#include "kernels/scale_by_tensor.h"

namespace lrcn::cuda {
namespace {

struct ScaledBy {
  const float* factor;
  __device__ float operator()(float x) const { return *factor * x; }
};

}  // namespace

void scale_by_tensor(Context& context, Tensor x, Tensor factor, Tensor y) {
  check(factor && factor.elements() == 1 && factor.spec.dtype == DType::f32,
        "scale_by_tensor: factor must be one f32, got ", factor.spec);
  check_activation("scale_by_tensor", "x", x);
  check_like("scale_by_tensor", "y", y, x);
  map(context, ScaledBy{factor.as<float>()}, y, x);
}

}  // namespace lrcn::cuda
