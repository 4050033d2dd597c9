// The interface of a layer: shapes in plan, arithmetic in forward and backward.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/context.h"
#include "core/tensor.h"
#include "layers/planner.h"

namespace lrcn {

// Everything a layer may touch in one call. Tensors are views into the program's arena and the
// parameter store; an empty tensor means "absent".
struct Frame {
  std::span<const Tensor> x;   // inputs; in backward only those that plan() asked to keep
  std::span<const Tensor> y;   // outputs; in backward only those that plan() asked to keep
  std::span<const Tensor> dy;  // gradient of each output, empty when nothing depends on it;
                               // the layer may overwrite it
  std::span<const Tensor> dx;  // gradient of each input, empty when nobody needs it; written once
  std::span<const Tensor> params;  // in the order of Planner::param
  std::span<const Tensor> grads;   // added to; empty for a frozen parameter
  std::span<const Tensor> slots;   // in the order of Planner::saved, scratch and persistent
  bool params_changed = true;  // since the last forward of this program: packed weights are stale
};

// A layer is built from its options, planned once for fixed shapes and then run many times. It
// holds options and what plan() decided, never data.
class Layer {
 public:
  virtual ~Layer() = default;

  // The kind, for example "convolution"; stands in errors and reports.
  virtual std::string_view type() const = 0;
  // Checks the inputs, declares parameters and memory, chooses kernels; returns the output specs.
  // Throws ArgumentError when the inputs do not fit.
  virtual std::vector<TensorSpec> plan(Planner& planner) = 0;
  virtual void forward(Context& context, const Frame& frame) = 0;
  // Called only when the planner said that a backward pass follows.
  virtual void backward(Context& context, const Frame& frame) = 0;

  // The kernels that plan() chose, for reports; empty when there is no choice.
  virtual std::string kernels() const { return {}; }

  // Takes over the work of the only layer that reads this one's only output (ReLU and pooling into
  // a convolution). Returns false when it cannot, or kernels of the device cannot; the compiler
  // then keeps both.
  virtual bool absorb(Context& context, const Layer& next) {
    (void)context;
    (void)next;
    return false;
  }
};

}  // namespace lrcn
