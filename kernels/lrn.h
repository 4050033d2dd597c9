// Local response normalisation across channels (Krizhevsky, Sutskever, Hinton: "ImageNet
// classification with deep convolutional neural networks", 2012, section 3.3).
//
//   y[n,c,h,w] = x[n,c,h,w] / (k + alpha/size * sum_{j = c-(size-1)/2}^{c+(size-1)/2}
//   x[n,j,h,w]^2)^beta
//
// j runs over the channels that exist. alpha is divided by the window, as Caffe, ONNX and PyTorch
// define it; the paper's own alpha is alpha/size here. Normalisation within a channel is not
// offered: no network of the framework uses it.
#pragma once

#include <memory>

#include "core/tensor.h"
#include "kernels/op.h"

namespace lrcn {

struct LrnProblem {
  TensorSpec x;           // f32 or, on CUDA, bf16 [N, C, H, W] of any layout
  std::int64_t size = 5;  // odd
  float alpha = 1e-4f;
  float beta = 0.75f;
  float k = 1.0f;
  bool backward = false;  // backward() will be called
};

struct LrnArguments {
  Tensor x;        // x_spec()
  Tensor y;        // x_spec(), written
  Tensor saved;    // u8 [saved_bytes()], written for backward
  Tensor scratch;  // u8 [scratch_bytes()]
};

struct LrnGradients {
  Tensor x;        // x_spec(), as given to forward
  Tensor dy;       // x_spec()
  Tensor saved;    // u8 [saved_bytes()], as forward wrote it
  Tensor dx;       // x_spec(), written
  Tensor scratch;  // u8 [scratch_bytes()]
};

// Normalisation planned for one problem. One thread at a time may use it.
class LrnKernel {
 public:
  virtual ~LrnKernel() = default;

  virtual const TensorSpec& x_spec() const = 0;  // as in the problem; y, dy and dx have it too
  virtual std::size_t saved_bytes() const = 0;
  virtual std::size_t scratch_bytes() const = 0;

  virtual void forward(Context& context, const LrnArguments& arguments) const = 0;
  virtual void backward(Context& context, const LrnGradients& arguments) const = 0;
};

// Throws ArgumentError for what plan_lrn refuses: anything but f32, or bf16 on CUDA, of rank 4 with
// extents >= 1, an even or non-positive size, k + alpha that does not stay positive.
void check_lrn(const LrnProblem& problem, Device device);

namespace cpu {
std::unique_ptr<LrnKernel> plan_lrn(Context& context, const LrnProblem& problem);
}
namespace cuda {
std::unique_ptr<LrnKernel> plan_lrn(Context& context, const LrnProblem& problem);
}

inline constexpr Op<std::unique_ptr<LrnKernel>(Context&, const LrnProblem&)> plan_lrn{
    "lrn", cpu::plan_lrn, LRCN_CUDA_OP(cuda::plan_lrn)};

}  // namespace lrcn
