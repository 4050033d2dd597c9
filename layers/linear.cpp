#include "layers/linear.h"

#include "core/error.h"
#include "kernels/activation.h"
#include "kernels/bias_gradient.h"
#include "layers/activation.h"
#include "layers/slot.h"

namespace lrcn {

bool Linear::absorb(Context&, const Layer& next) {
  if (relu_ || dynamic_cast<const Relu*>(&next) == nullptr) {
    return false;
  }
  relu_ = true;
  return true;
}

std::vector<TensorSpec> Linear::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  check(options_.out_features >= 1, "out_features must be >= 1, got ", options_.out_features);
  const TensorSpec& x = planner.input(0);
  const int leading = options_.leading_axes;
  check(leading >= 0, "leading_axes must be >= 0, got ", leading);
  check(is_real(x.dtype) && x.shape.rank() > leading, "x must be f32 or bf16 with ", leading,
        " leading axes and features behind them, got ", x);
  const DType dtype = planner.activation_dtype();
  planner.request_dtype(0, dtype);
  rows_ = x.shape.elements(0, leading);
  in_features_ = x.shape.elements(leading, x.shape.rank());
  check(in_features_ >= 1, "x must have features, got ", x);

  planner.param("weight", {options_.out_features, in_features_}, options_.weight_init,
                options_.weight_options);
  if (options_.bias) {
    planner.param("bias", {options_.out_features}, options_.bias_init, options_.bias_options);
  }
  trains_ = planner.backward();
  const bool evaluates = planner.phase() == Phase::evaluate && !trains_;
  // Scores that nothing learns from are compared with each other: they keep the bits of their sums.
  const DType y_dtype = evaluates && !relu_ ? DType::f32 : dtype;
  // While training the weights change with every step: f32 products read them as they are.
  product_ = AffineProduct(planner.context(), {.rows = rows_,
                                               .in_features = in_features_,
                                               .out_features = options_.out_features,
                                               .bias = options_.bias,
                                               .relu = relu_,
                                               .pack = evaluates,
                                               .dtype = dtype,
                                               .y_dtype = y_dtype,
                                               .input_gradient = planner.needs_dx(0),
                                               .weight_gradient = planner.backward()});
  if (product_.packed_bytes() > 0) {
    const TensorSpec packed = bytes_spec(product_.packed_bytes());
    packed_slot_ = trains_ ? planner.saved("packed", packed) : planner.persistent("packed", packed);
  }
  scratch_slot_ = planner.scratch("scratch", bytes_spec(product_.scratch_bytes()));
  planner.keep_input(0);
  if (relu_) {
    planner.keep_output(0);
  }

  std::vector<std::int64_t> extents(x.shape.extents().begin(), x.shape.extents().begin() + leading);
  extents.push_back(options_.out_features);
  return {{Shape(std::span<const std::int64_t>(extents)), y_dtype}};
}

// y = x W^T + b
void Linear::forward(Context& context, const Frame& frame) {
  Tensor weight = frame.params[0];
  if (packed_slot_ >= 0) {
    const Tensor packed = slot_of(frame, packed_slot_);
    if (trains_ || frame.params_changed) {
      product_.pack(context, weight, packed);
    }
    weight = packed;
  }
  product_.forward(context, {.x = frame.x[0].reshaped({rows_, in_features_}),
                             .weight = weight,
                             .bias = options_.bias ? frame.params[1] : Tensor{},
                             .y = frame.y[0].reshaped({rows_, options_.out_features}),
                             .scratch = slot_of(frame, scratch_slot_)});
}

// dx = dy W; dW += dy^T x; db += sum over rows of dy
void Linear::backward(Context& context, const Frame& frame) {
  const Tensor dy = frame.dy[0].reshaped({rows_, options_.out_features});
  const Tensor scratch = slot_of(frame, scratch_slot_);
  if (relu_) {
    relu_backward(context, frame.y[0].reshaped(dy.shape()), dy, dy);
  }
  if (frame.grads[0]) {
    product_.weight_gradient(context, {.dy = dy,
                                       .x = frame.x[0].reshaped({rows_, in_features_}),
                                       .dw = frame.grads[0],
                                       .scratch = scratch});
  }
  if (options_.bias && frame.grads[1]) {
    bias_gradient(context, dy, frame.grads[1], {});
  }
  if (frame.dx[0]) {
    product_.input_gradient(
        context,
        {.dy = dy,
         .weight = product_.packs_for_gradient() ? slot_of(frame, packed_slot_) : frame.params[0],
         .dx = frame.dx[0].reshaped({rows_, in_features_}),
         .scratch = scratch});
  }
}

}  // namespace lrcn
