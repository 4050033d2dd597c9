#include "layers/convolution.h"

#include "core/error.h"
#include "layers/activation.h"
#include "layers/pooling.h"
#include "layers/slot.h"

namespace lrcn {
namespace {

bool is_maximum_of_2x2(const PoolingOptions& options) {
  return options.kind == PoolingKind::maximum && options.window == Window::square(2, 2) &&
         options.rounding == Rounding::down;
}

}  // namespace

// max(0, .) and the maximum of a window may follow in either order.
bool Convolution::absorb(Context& context, const Layer& next) {
  if (!relu_ && dynamic_cast<const Relu*>(&next) != nullptr) {
    relu_ = true;
    return true;
  }
  const auto* pooling = dynamic_cast<const Pooling*>(&next);
  if (!pool_ && pooling != nullptr && is_maximum_of_2x2(pooling->options()) &&
      convolution_pools(context)) {
    pool_ = true;
    return true;
  }
  return false;
}

std::vector<TensorSpec> Convolution::plan(Planner& planner) {
  planner.expect_inputs(1, 1);
  planner.accept_layout(0);
  planner.accept_dtype(0);
  check(is_real(planner.input(0).dtype) && planner.input(0).shape.rank() == 4,
        "x must be f32 or bf16 [N,C,H,W], got ", planner.input(0));
  const DType y_dtype = planner.activation_dtype();
  // Pictures are read once and as they come; more channels are worth half the bytes.
  constexpr std::int64_t kFewChannels = 4;
  if (planner.input(0).shape[1] > kFewChannels) {
    planner.request_dtype(0, y_dtype);
  }
  const TensorSpec x = planner.input(0);
  ConvolutionProblem problem{.x = x,
                             .out_channels = options_.out_channels,
                             .window = options_.window,
                             .groups = options_.groups,
                             .bias = options_.bias,
                             .relu = relu_,
                             .pool = pool_,
                             .backward = false,
                             .needs_dx = false,
                             .algorithm = options_.algorithm,
                             .precision = planner.context().precision(),
                             .y_dtype = y_dtype};
  const Shape y = convolution_shape(problem);

  planner.param("weight",
                {options_.out_channels, x.shape[1] / options_.groups, options_.window.kernel_h,
                 options_.window.kernel_w},
                options_.weight_init, options_.weight_options);
  if (options_.bias) {
    planner.param("bias", {options_.out_channels}, options_.bias_init, options_.bias_options);
  }
  trains_ = planner.backward();
  problem.backward = trains_;
  problem.needs_dx = planner.needs_dx(0);
  kernel_ = plan_convolution(planner.context(), problem);
  planner.request_layout(0, kernel_->x_spec().layout);

  // Weights that change with every step are packed by every forward and shared with backward.
  const TensorSpec packed = bytes_spec(kernel_->packed_bytes());
  packed_slot_ = trains_ ? planner.saved("packed", packed) : planner.persistent("packed", packed);
  scratch_slot_ = planner.scratch("scratch", bytes_spec(kernel_->scratch_bytes()));
  planner.keep_input(0);
  if (pool_) {
    saved_slot_ = planner.saved("maxima", bytes_spec(kernel_->saved_bytes()));
  } else if (relu_) {
    planner.keep_output(0);
  }
  return {{y, y_dtype, kernel_->y_spec().layout}};
}

std::string Convolution::kernels() const { return kernel_ ? kernel_->algorithms() : ""; }

// y = act(x * W + b), or the maximum of each window of that
void Convolution::forward(Context& context, const Frame& frame) {
  const Tensor packed = slot_of(frame, packed_slot_);
  const Tensor scratch = slot_of(frame, scratch_slot_);
  if (trains_ || frame.params_changed) {
    kernel_->pack(context, frame.params[0], packed, scratch);
  }
  kernel_->forward(context, {.x = frame.x[0],
                             .packed = packed,
                             .bias = options_.bias ? frame.params[1] : Tensor{},
                             .y = frame.y[0],
                             .scratch = scratch,
                             .saved = slot_of(frame, saved_slot_)});
}

// dx = dy * W mirrored; dW += x * dy; db += sum over images and pixels of dy, which with pooling is
// zero but at the maxima
void Convolution::backward(Context& context, const Frame& frame) {
  kernel_->backward(context, {.x = frame.x[0],
                              .y = relu_ && !pool_ ? frame.y[0] : Tensor{},
                              .dy = frame.dy[0],
                              .packed = slot_of(frame, packed_slot_),
                              .dx = frame.dx[0],
                              .dw = frame.grads[0],
                              .db = options_.bias ? frame.grads[1] : Tensor{},
                              .scratch = slot_of(frame, scratch_slot_),
                              .saved = slot_of(frame, saved_slot_)});
}

}  // namespace lrcn
