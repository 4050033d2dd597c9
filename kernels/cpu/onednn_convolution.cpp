// Convolution by oneDNN: primitives planned here, run on memory of the caller.
#include "kernels/cpu/onednn_convolution.h"

#include <algorithm>

#include "kernels/check_tensor.h"
#include "kernels/cpu/close_relu.h"
#include "kernels/cpu/convolution_steps.h"

namespace lrcn::cpu {
namespace {

constexpr const char* kOp = "convolution";

void check_tensor(const char* name, const Tensor& tensor, const TensorSpec& spec) {
  check_spec(kOp, name, tensor, spec);
  check_present(kOp, name, tensor);
}

class OneDnnConvolution final : public ConvolutionKernel {
 public:
  OneDnnConvolution(Context& context, const ConvolutionProblem& problem);

  const TensorSpec& x_spec() const override { return x_; }
  const TensorSpec& y_spec() const override { return y_; }
  std::size_t packed_bytes() const override { return packed_bytes_; }
  std::size_t scratch_bytes() const override { return scratch_bytes_; }
  std::string algorithms() const override;

  void pack(Context& context, Tensor w, Tensor packed, Tensor scratch) const override;
  void forward(Context& context, const ConvolutionArguments& arguments) const override;
  void backward(Context& context, const ConvolutionGradients& arguments) const override;

 private:
  void plan_backward(const ConvolutionSteps& steps, OneDnn& dnn,
                     const dnnl::memory::desc& plain_weights);
  void add_parameter_gradients(const ConvolutionGradients& arguments) const;

  TensorSpec x_;
  TensorSpec y_;
  TensorSpec w_;
  TensorSpec bias_;  // of no elements without bias
  bool relu_;
  bool needs_dx_;

  ConvolutionStep forward_;
  ConvolutionStep dx_;
  ConvolutionStep dw_;
  ReorderPrimitive pack_forward_;
  ReorderPrimitive pack_dx_;  // empty when dx reads the weights of forward
  ReorderPrimitive add_dw_;

  std::size_t packed_dx_offset_ = 0;
  std::size_t packed_bytes_ = 0;
  // Scratch of backward: dw as oneDNN writes it, db, scratch of the primitives.
  std::size_t db_offset_ = 0;
  std::size_t backward_scratch_offset_ = 0;
  std::size_t scratch_bytes_ = 0;
};

OneDnnConvolution::OneDnnConvolution(Context& context, const ConvolutionProblem& problem)
    : relu_(problem.relu), needs_dx_(problem.needs_dx) {
  auto& dnn = context.handle<OneDnn>();
  const auto descriptors = ConvolutionDescriptors::choose(dnn, problem);
  x_ = descriptors.x_spec();
  y_ = descriptors.y_spec();
  const Window& window = problem.window;
  w_ = {{problem.out_channels, x_.shape[1] / problem.groups, window.kernel_h, window.kernel_w}};
  bias_ = {{problem.bias ? problem.out_channels : 0}};

  const ConvolutionSteps steps{dnn, context.handle<AlgorithmChoices>(), descriptors,
                               problem.algorithm};
  const dnnl::memory::desc plain_weights = descriptors.plain_weights();
  forward_ = steps.forward();
  pack_forward_ = make_reorder(kOp, dnn, plain_weights, forward_.weights);
  packed_bytes_ = align_up(forward_.weights.get_size());
  scratch_bytes_ = std::max(forward_.scratch_bytes, pack_forward_.scratch_bytes);
  if (problem.backward) {
    plan_backward(steps, dnn, plain_weights);
  }
}

void OneDnnConvolution::plan_backward(const ConvolutionSteps& steps, OneDnn& dnn,
                                      const dnnl::memory::desc& plain_weights) {
  dw_ = steps.dw();
  add_dw_ = make_reorder(kOp, dnn, dw_.weights, plain_weights, /*accumulate=*/true);
  std::size_t primitive_scratch = std::max(dw_.scratch_bytes, add_dw_.scratch_bytes);
  if (needs_dx_) {
    dx_ = steps.dx();
    if (dx_.weights != forward_.weights) {
      pack_dx_ = make_reorder(kOp, dnn, plain_weights, dx_.weights);
      packed_dx_offset_ = packed_bytes_;
      packed_bytes_ += align_up(dx_.weights.get_size());
    }
    primitive_scratch = std::max(primitive_scratch, dx_.scratch_bytes);
  }
  db_offset_ = align_up(dw_.weights.get_size());
  backward_scratch_offset_ = db_offset_ + align_up(bias_.bytes());
  scratch_bytes_ = std::max(
      {scratch_bytes_, pack_dx_.scratch_bytes, backward_scratch_offset_ + primitive_scratch});
}

std::string OneDnnConvolution::algorithms() const {
  std::string text = concat("forward ", forward_.algorithm);
  if (dx_.primitive) {
    text += concat(", dx ", dx_.algorithm);
  }
  if (dw_.primitive) {
    text += concat(", dw ", dw_.algorithm);
  }
  return text;
}

void OneDnnConvolution::pack(Context&, Tensor w, Tensor packed, Tensor scratch) const {
  check_tensor("w", w, w_);
  check_bytes(kOp, "packed", packed, packed_bytes_);
  check_bytes(kOp, "scratch", scratch, scratch_bytes_);
  auto* bytes = packed.as<std::uint8_t>();
  pack_forward_.primitive.run({w.data, bytes, scratch.data});
  if (pack_dx_.primitive) {
    pack_dx_.primitive.run({w.data, bytes + packed_dx_offset_, scratch.data});
  }
}

// y = act(x * w + bias)
void OneDnnConvolution::forward(Context& context, const ConvolutionArguments& arguments) const {
  check_devices("convolution", context.device(), arguments);
  const auto& [x, packed, bias, y, scratch, saved] = arguments;
  check_tensor("x", x, x_);
  check_tensor("y", y, y_);
  check_bytes(kOp, "packed", packed, packed_bytes_);
  check_bytes(kOp, "scratch", scratch, scratch_bytes_);
  if (bias_.elements() > 0) {
    check_tensor("bias", bias, bias_);
  }
  forward_.primitive.run({x.data, packed.data, bias.data, y.data, scratch.data});
}

// dy' = dy * [y > 0]; db += sum dy'; dw += x (*) dy'; dx = dy' (*) w
void OneDnnConvolution::backward(Context& context, const ConvolutionGradients& arguments) const {
  check_devices("convolution", context.device(), arguments);
  const auto& [x, y, dy, packed, dx, dw, db, scratch, saved] = arguments;
  check(bool(dw_.primitive), kOp, ": backward was called, but not planned");
  check_tensor("dy", dy, y_);
  check_bytes(kOp, "packed", packed, packed_bytes_);
  check_bytes(kOp, "scratch", scratch, scratch_bytes_);
  if (relu_) {
    check_tensor("y", y, y_);
    close_relu(y, dy);
  }
  if (dw || db) {
    add_parameter_gradients(arguments);
  }
  if (dx) {
    check(needs_dx_, kOp, ": dx was given, but not planned");
    check_tensor("dx", dx, x_);
    dx_.primitive.run({dy.data, packed.as<std::uint8_t>() + packed_dx_offset_, dx.data,
                       scratch.as<std::uint8_t>() + backward_scratch_offset_});
  }
}

void OneDnnConvolution::add_parameter_gradients(const ConvolutionGradients& arguments) const {
  const auto& [x, y, dy, packed, dx, dw, db, scratch, saved] = arguments;
  check_tensor("x", x, x_);
  auto* bytes = scratch.as<std::uint8_t>();
  void* primitive_scratch = bytes + backward_scratch_offset_;
  dw_.primitive.run({x.data, dy.data, bytes, bytes + db_offset_, primitive_scratch});
  if (dw) {
    check_tensor("dw", dw, w_);
    add_dw_.primitive.run({bytes, dw.data, primitive_scratch});
  }
  if (db) {
    check_tensor("db", db, bias_);
    const auto* sums = reinterpret_cast<const float*>(bytes + db_offset_);
    const std::span<float> gradient = db.span<float>();
    std::transform(gradient.begin(), gradient.end(), sums, gradient.begin(), std::plus<>());
  }
}

}  // namespace

std::unique_ptr<ConvolutionKernel> plan_onednn_convolution(Context& context,
                                                           const ConvolutionProblem& problem) {
  return with_onednn(kOp, [&] { return std::make_unique<OneDnnConvolution>(context, problem); });
}

}  // namespace lrcn::cpu
