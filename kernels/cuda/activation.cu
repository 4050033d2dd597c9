// The nonlinearities and their gradients, with the functions of kernels/vector_math.h: the same
// bits as on the CPU.
#include "kernels/activation.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/padding.h"
#include "kernels/vector_math.h"

namespace lrcn::cuda {
namespace {

struct Relu {
  // A NaN fails the comparison and stays.
  __device__ float operator()(float x) const { return x < 0.0f ? 0.0f : x; }
};
struct ReluGradient {
  __device__ float operator()(float y, float dy) const { return y > 0.0f ? dy : 0.0f; }
};

struct Sigmoid {
  __device__ float operator()(float x) const { return vector_sigmoid(x); }
};
struct SigmoidGradient {
  __device__ float operator()(float y, float dy) const { return dy * (y * (1.0f - y)); }
};

struct Tanh {
  __device__ float operator()(float x) const { return vector_tanh(x); }
};
struct TanhGradient {
  __device__ float operator()(float y, float dy) const { return dy * multiply_add(-y, y, 1.0f); }
};

void check_forward(const char* op, const Tensor& x, const Tensor& y) {
  check_activation(op, "x", x);
  check_like(op, "y", y, x);
}

void check_backward(const char* op, const Tensor& y, const Tensor& dy, const Tensor& dx) {
  check_activation(op, "y", y);
  check_like(op, "dy", dy, y);
  check_like(op, "dx", dx, y);
}

}  // namespace

void relu_forward(Context& context, Tensor x, Tensor y) {
  check_forward("relu_forward", x, y);
  map(context, Relu{}, y, x);
}

void relu_backward(Context& context, Tensor y, Tensor dy, Tensor dx) {
  check_backward("relu_backward", y, dy, dx);
  map(context, ReluGradient{}, dx, y, dy);
}

void sigmoid_forward(Context& context, Tensor x, Tensor y) {
  check_forward("sigmoid_forward", x, y);
  map(context, Sigmoid{}, y, x);
  clear_padding(context, y);  // sigmoid(0) is not 0
}

void sigmoid_backward(Context& context, Tensor y, Tensor dy, Tensor dx) {
  check_backward("sigmoid_backward", y, dy, dx);
  map(context, SigmoidGradient{}, dx, y, dy);
}

void tanh_forward(Context& context, Tensor x, Tensor y) {
  check_forward("tanh_forward", x, y);
  map(context, Tanh{}, y, x);
}

void tanh_backward(Context& context, Tensor y, Tensor dy, Tensor dx) {
  check_backward("tanh_backward", y, dy, dx);
  map(context, TanhGradient{}, dx, y, dy);
}

}  // namespace lrcn::cuda
