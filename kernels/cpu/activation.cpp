#include "kernels/activation.h"

#include "kernels/check_tensor.h"
#include "kernels/cpu/padding.h"
#include "kernels/cpu/parallel.h"
#include "kernels/vector_math.h"

namespace lrcn::cpu {
namespace {

// y = f(x) over memory as it lies.
template <class F>
void map(const char* op, Tensor x, Tensor y, const F& f) {
  check_floats(op, "x", x);
  check_like(op, "y", y, x);
  const float* in = x.as<float>();
  float* out = y.as<float>();
  for_chunks(memory_elements(x), kChunk, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      out[i] = f(in[i]);
    }
  });
}

// dx = f(y, dy).
template <class F>
void map(const char* op, Tensor y, Tensor dy, Tensor dx, const F& f) {
  check_floats(op, "y", y);
  check_like(op, "dy", dy, y);
  check_like(op, "dx", dx, y);
  const float* out = y.as<float>();
  const float* from = dy.as<float>();
  float* to = dx.as<float>();
  for_chunks(memory_elements(y), kChunk, [=](std::int64_t begin, std::int64_t end) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
      to[i] = f(out[i], from[i]);
    }
  });
}

}  // namespace

void relu_forward(Context&, Tensor x, Tensor y) {
  // A NaN fails the comparison and stays.
  map("relu_forward", x, y, [](float v) { return v < 0.0f ? 0.0f : v; });
}

void relu_backward(Context&, Tensor y, Tensor dy, Tensor dx) {
  map("relu_backward", y, dy, dx, [](float v, float d) { return v > 0.0f ? d : 0.0f; });
}

void sigmoid_forward(Context&, Tensor x, Tensor y) {
  map("sigmoid_forward", x, y, [](float v) { return vector_sigmoid(v); });
  clear_padding(y);  // sigmoid(0) is not 0
}

void sigmoid_backward(Context&, Tensor y, Tensor dy, Tensor dx) {
  map("sigmoid_backward", y, dy, dx, [](float v, float d) { return d * (v * (1.0f - v)); });
}

void tanh_forward(Context&, Tensor x, Tensor y) {
  map("tanh_forward", x, y, [](float v) { return vector_tanh(v); });
}

void tanh_backward(Context&, Tensor y, Tensor dy, Tensor dx) {
  map("tanh_backward", y, dy, dx, [](float v, float d) { return d * multiply_add(-v, v, 1.0f); });
}

}  // namespace lrcn::cpu
