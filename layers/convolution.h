// Two-dimensional convolution, optionally grouped, with the ReLU and, where the device has kernels
// for it, the 2x2 maximum pooling behind it.
#pragma once

#include "kernels/convolution.h"
#include "layers/layer.h"
#include "layers/planned.h"

namespace lrcn {

struct ConvolutionOptions {
  std::int64_t out_channels = 0;  // K
  Window window = {};             // kernel R x S
  std::int64_t groups = 1;        // g, divides C and K
  bool bias = true;
  Initializer weight_init = Initializer::kaiming();
  Initializer bias_init = Initializer::constant(0.0f);
  ParamOptions weight_options = {};
  ParamOptions bias_options = {};
  ConvolutionAlgorithm algorithm = ConvolutionAlgorithm::automatic;
};

// x: [N, C, H, W], y: [N, K, P, Q], or [N, K, P/2, Q/2] with a pooling absorbed, both in the layout
// in which the kernel is quickest; of the planner's activation_dtype(), but pictures, of up to four
// channels, are read as they come. Parameters: weight [K, C/g, R, S], bias [K], named and laid out
// as in PyTorch.
class Convolution final : public Layer {
 public:
  explicit Convolution(const ConvolutionOptions& options) : options_(options) {}

  std::string_view type() const override { return "convolution"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;
  std::string kernels() const override;
  bool absorb(Context& context, const Layer& next) override;

 private:
  ConvolutionOptions options_;
  bool relu_ = false;
  bool pool_ = false;
  bool trains_ = false;  // backward follows: the weights change with every step
  int packed_slot_ = -1;
  int scratch_slot_ = -1;
  int saved_slot_ = -1;  // only with pool_
  Planned<ConvolutionKernel> kernel_;
};

}  // namespace lrcn
