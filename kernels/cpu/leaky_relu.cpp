#include "kernels/leaky_relu.h"

#include "kernels/check_tensor.h"
#include "kernels/cpu/parallel.h"

namespace lrcn::cpu {

// Memory is walked as it lies: the zero padding of blocked layouts stays zero.
void leaky_relu_forward(Context&, Tensor x, float slope, Tensor y) {
  check_floats("leaky_relu", "x", x);
  check_like("leaky_relu", "y", y, x);
  const float* in = x.as<float>();
  float* out = y.as<float>();
  for_chunks(std::int64_t(x.bytes() / sizeof(float)), kChunk,
             [=](std::int64_t begin, std::int64_t end) {
               for (std::int64_t i = begin; i < end; ++i) {
                 out[i] = in[i] > 0.0f ? in[i] : slope * in[i];
               }
             });
}

void leaky_relu_backward(Context&, Tensor y, Tensor dy, float slope, Tensor dx) {
  check_floats("leaky_relu", "y", y);
  check_like("leaky_relu", "dy", dy, y);
  check_like("leaky_relu", "dx", dx, y);
  const float* out = y.as<float>();
  const float* gradient = dy.as<float>();
  float* in = dx.as<float>();
  for_chunks(std::int64_t(y.bytes() / sizeof(float)), kChunk,
             [=](std::int64_t begin, std::int64_t end) {
               for (std::int64_t i = begin; i < end; ++i) {
                 in[i] = out[i] > 0.0f ? gradient[i] : slope * gradient[i];
               }
             });
}

}  // namespace lrcn::cpu
