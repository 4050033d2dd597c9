// The directions of a convolution that a library computes.
#pragma once

#include <memory>
#include <string>

#include "kernels/cuda/convolution_methods.h"

namespace lrcn::cuda {

enum class ConvolutionDirection : std::uint8_t { forward, dx, dw };

// "forward", "dx", "dw"
std::ostream& operator<<(std::ostream& out, ConvolutionDirection direction);

// One direction. Weights are [K, R, S, C/groups] of x's type; images are nhwc.
class ConvolutionStep {
 public:
  // Forward writes y, dx writes x, and dw writes w: the gradients of what they are otherwise.
  struct Operands {
    void* x = nullptr;
    void* w = nullptr;
    void* bias = nullptr;  // f32 [K]; forward of a problem with bias alone
    void* y = nullptr;
    void* scratch = nullptr;  // scratch_bytes(), at 256 bytes
  };

  virtual ~ConvolutionStep() = default;
  virtual std::size_t scratch_bytes() const = 0;
  virtual void run(Context& context, const Operands& operands) const = 0;
};

// By cuDNN; nullptr where it has no deterministic kernel of the problem's precision. Throws
// DeviceError, saying what is missing, where there is no cuDNN.
std::unique_ptr<ConvolutionStep> plan_cudnn_convolution(Context& context,
                                                        const ConvolutionProblem& problem,
                                                        const TensorSpec& y,
                                                        ConvolutionDirection direction);

// What cuDNN computes of one convolution, planned where the methods ask for it.
struct ConvolutionLibrary {
  std::unique_ptr<ConvolutionStep> forward;
  std::unique_ptr<ConvolutionStep> dx;
  std::unique_ptr<ConvolutionStep> dw;

  ConvolutionLibrary() = default;
  // problem.x is the spec that the kernel works in. Throws DeviceError where cuDNN is not there or
  // has no kernel for it.
  ConvolutionLibrary(Context& context, const ConvolutionProblem& problem, const TensorSpec& y,
                     const ConvolutionMethods& methods);

  // Of any direction; dw is written in front of the scratch memory of its step.
  std::size_t scratch_bytes(std::size_t weights_bytes) const;
  static std::size_t dw_scratch_offset(std::size_t weights_bytes) {
    return (weights_bytes + 255) / 256 * 256;
  }
};

}  // namespace lrcn::cuda
