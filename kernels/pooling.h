// Maximum and average over windows of each channel.
#pragma once

#include <memory>

#include "core/tensor.h"
#include "kernels/op.h"
#include "kernels/window.h"

namespace lrcn {

enum class PoolingKind : std::uint8_t { maximum, average };

// What an average divides by.
//   inside  pixels of the window inside of the image (ONNX's default, PyTorch's
//           count_include_pad=False)
//   padded  pixels inside of the padded image (Caffe; ONNX and PyTorch with count_include_pad)
//   window  the kernel's area
// The last two differ only for a window that reaches beyond the padding (Rounding::up).
enum class PoolingDivisor : std::uint8_t { inside, padded, window };

struct PoolingProblem {
  TensorSpec x;  // f32 or, on CUDA, bf16 [N, C, H, W] of any layout
  PoolingKind kind = PoolingKind::maximum;
  Window window;
  Rounding rounding = Rounding::down;
  PoolingDivisor divisor = PoolingDivisor::inside;
  bool backward = false;  // backward() will be called
};

struct PoolingArguments {
  Tensor x;        // x_spec()
  Tensor y;        // y_spec(), written
  Tensor saved;    // u8 [saved_bytes()], written for backward
  Tensor scratch;  // u8 [scratch_bytes()]
};

struct PoolingGradients {
  Tensor dy;       // y_spec()
  Tensor saved;    // u8 [saved_bytes()], as forward wrote it
  Tensor dx;       // x_spec(), written
  Tensor scratch;  // u8 [scratch_bytes()]
};

// Pooling planned for one problem. One thread at a time may use it.
class PoolingKernel {
 public:
  virtual ~PoolingKernel() = default;

  virtual const TensorSpec& x_spec() const = 0;  // as in the problem
  virtual const TensorSpec& y_spec() const = 0;  // [N, C, P, Q], type and layout of x
  virtual std::size_t saved_bytes() const = 0;   // 0 for averages and without backward
  virtual std::size_t scratch_bytes() const = 0;

  virtual void forward(Context& context, const PoolingArguments& arguments) const = 0;
  // Of several equal maxima the first one in row-major order gets the gradient. Padding never wins.
  virtual void backward(Context& context, const PoolingGradients& arguments) const = 0;
};

// The logical shape [N, C, P, Q] of y. Throws ArgumentError for what plan_pooling refuses: anything
// but f32 or bf16 of rank 4 with extents >= 1, windows that do not fit, padding as wide as the
// kernel.
Shape pooling_shape(const PoolingProblem& problem);

namespace cpu {
std::unique_ptr<PoolingKernel> plan_pooling(Context& context, const PoolingProblem& problem);
}
namespace cuda {
std::unique_ptr<PoolingKernel> plan_pooling(Context& context, const PoolingProblem& problem);
}

inline constexpr Op<std::unique_ptr<PoolingKernel>(Context&, const PoolingProblem&)> plan_pooling{
    "pooling", cpu::plan_pooling, LRCN_CUDA_OP(cuda::plan_pooling)};

}  // namespace lrcn
