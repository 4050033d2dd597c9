// The fully connected layer.
#pragma once

#include "layers/affine_product.h"
#include "layers/layer.h"

namespace lrcn {

struct LinearOptions {
  std::int64_t out_features = 0;  // O
  // Axes of x that count rows; the others are flattened into the I features of a row. 1 suits
  // images and features [N, ...], 2 sequences [T, N, ...].
  int leading_axes = 1;
  bool bias = true;
  Initializer weight_init = Initializer::kaiming();
  Initializer bias_init = Initializer::constant(0.0f);
  ParamOptions weight_options = {};
  ParamOptions bias_options = {};
};

// y[r, :] = W x[r, :] + b, with the ReLU behind it when there is one.
//   x: [rows..., features...], y: [rows..., O]; both of the planner's activation_dtype(), but
//      y is f32 in evaluation when no ReLU follows
//   parameters: weight [O, I], bias [O]
class Linear final : public Layer {
 public:
  explicit Linear(const LinearOptions& options) : options_(options) {}

  std::string_view type() const override { return "linear"; }
  std::vector<TensorSpec> plan(Planner& planner) override;
  void forward(Context& context, const Frame& frame) override;
  void backward(Context& context, const Frame& frame) override;
  bool absorb(Context& context, const Layer& next) override;

 private:
  LinearOptions options_;
  bool relu_ = false;
  bool trains_ = false;           // the weights change with every step
  std::int64_t rows_ = 0;         // R
  std::int64_t in_features_ = 0;  // I
  int packed_slot_ = -1;          // none: the product reads the weights as they are stored
  int scratch_slot_ = -1;
  AffineProduct product_;
};

}  // namespace lrcn
