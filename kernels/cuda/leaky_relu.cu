// The rectifier that leaks below zero, and its gradient.
#include "kernels/check_tensor.h"
#include "kernels/cuda/map.h"
#include "kernels/leaky_relu.h"

namespace lrcn::cuda {
namespace {

struct LeakyRelu {
  float slope;
  __device__ float operator()(float x) const { return x > 0.0f ? x : slope * x; }
};
struct LeakyReluGradient {
  float slope;
  __device__ float operator()(float y, float dy) const { return y > 0.0f ? dy : slope * dy; }
};

}  // namespace

void leaky_relu_forward(Context& context, Tensor x, float slope, Tensor y) {
  check_activation("leaky_relu", "x", x);
  check_like("leaky_relu", "y", y, x);
  map(context, LeakyRelu{slope}, y, x);
}

void leaky_relu_backward(Context& context, Tensor y, Tensor dy, float slope, Tensor dx) {
  check_activation("leaky_relu", "y", y);
  check_like("leaky_relu", "dy", dy, y);
  check_like("leaky_relu", "dx", dx, y);
  map(context, LeakyReluGradient{slope}, dx, y, dy);
}

}  // namespace lrcn::cuda
