// A convolution on CUDA: what its kernels need is laid out here, and each direction goes to the
// kernels that were chosen for it.
#include "kernels/convolution.h"

#include <algorithm>
#include <utility>

#include "kernels/activation.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/convolution_choice.h"
#include "kernels/cuda/convolution_library.h"
#include "kernels/cuda/convolution_weights.h"

namespace lrcn::cuda {
namespace {

constexpr const char* kOp = "convolution";
constexpr std::int64_t kSplitRows = 32;  // splits begin at multiples of the depth of every tile

void check_tensor(const char* name, const Tensor& tensor, const TensorSpec& spec) {
  check_spec(kOp, name, tensor, spec);
  check_present(kOp, name, tensor);
}

// A first layer of a few channels reads pictures as they come, unless cuDNN reads them; everything
// else is nhwc.
TensorSpec x_spec_of(const ConvolutionProblem& problem, bool by_cudnn) {
  TensorSpec x = problem.x;
  constexpr std::int64_t kFewChannels = 4;
  if (x.layout != Layout::plain || x.shape[1] > kFewChannels || by_cudnn) {
    x.layout = Layout::nhwc;
  }
  return x;
}

bool at_16_bytes(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0;
}

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

// By the tiled kernels of the method's engine.
template <class Task>
void convolution_tiled(Context& context, const Task& task, const ConvolutionMethod& method,
                       int lanes) {
  if (method.engine == ConvolutionEngine::simt) {
    convolution_simt(context, task, method.tile, lanes);
  } else {
    convolution_mma(context, task, method, lanes);
  }
}

class CudaConvolution final : public ConvolutionKernel {
 public:
  CudaConvolution(const ConvolutionProblem& problem, const TensorSpec& x, const TensorSpec& y,
                  const ConvolutionMethods& methods, ConvolutionLibrary library);

  const TensorSpec& x_spec() const override { return x_; }
  const TensorSpec& y_spec() const override { return y_; }
  std::size_t packed_bytes() const override {
    return packs_for_dx() ? packed_dx_offset() + weights_bytes() : weights_bytes();
  }
  std::size_t scratch_bytes() const override { return scratch_bytes_; }
  std::string algorithms() const override;

  void pack(Context& context, Tensor w, Tensor packed, Tensor scratch) const override;
  void forward(Context& context, const ConvolutionArguments& arguments) const override;
  void backward(Context& context, const ConvolutionGradients& arguments) const override;

 private:
  std::size_t weights_bytes() const { return std::size_t(g_.weights()) * sizeof(float); }
  std::size_t packed_dx_offset() const { return aligned(weights_bytes()); }
  bool packs_for_dx() const {
    return problem_.backward && problem_.needs_dx &&
           methods_.dx.engine != ConvolutionEngine::direct && library_.dx == nullptr;
  }
  // Whether four neighbouring channels of a group lie side by side at 16 bytes.
  bool quads_of_x() const { return x_.layout == Layout::nhwc && g_.group_channels % 4 == 0; }
  bool quads_of_y() const { return g_.group_outputs % 4 == 0; }

  void compute_dx(Context& context, const ConvolutionGradients& arguments) const;
  void add_dw(Context& context, const ConvolutionGradients& arguments) const;

  ConvolutionProblem problem_;
  TensorSpec x_;
  TensorSpec y_;
  TensorSpec w_;
  TensorSpec bias_;  // of no elements without bias
  ConvolutionGeometry g_;
  ConvolutionMethods methods_;
  ConvolutionLibrary library_;
  std::int32_t split_rows_ = 0;  // pixels of a split
  std::size_t scratch_bytes_ = 0;
};

CudaConvolution::CudaConvolution(const ConvolutionProblem& problem, const TensorSpec& x,
                                 const TensorSpec& y, const ConvolutionMethods& methods,
                                 ConvolutionLibrary library)
    : problem_(problem),
      x_(x),
      y_(y),
      w_{{problem.out_channels, x.shape[1] / problem.groups, problem.window.kernel_h,
          problem.window.kernel_w}},
      bias_{{problem.bias ? problem.out_channels : 0}},
      g_(problem, x, y),
      methods_(methods),
      library_(std::move(library)),
      scratch_bytes_(library_.scratch_bytes(weights_bytes())) {
  if (!problem.backward) {
    return;
  }
  // The sums of db and the parts of dw are needed one after the other.
  if (problem.bias) {
    scratch_bytes_ = std::max(scratch_bytes_, convolution_bias_bytes(g_));
  }
  if (methods.dw.engine != ConvolutionEngine::direct && library_.dw == nullptr) {
    const std::int64_t pixels = (g_.y_pixels() + methods.dw.splits - 1) / methods.dw.splits;
    split_rows_ = std::int32_t((pixels + kSplitRows - 1) / kSplitRows * kSplitRows);
    methods_.dw.splits = std::int32_t((g_.y_pixels() + split_rows_ - 1) / split_rows_);
    scratch_bytes_ = std::max(scratch_bytes_, std::size_t(methods_.dw.splits) * weights_bytes());
  }
}

std::string CudaConvolution::algorithms() const {
  std::string text = concat("forward ", methods_.forward);
  if (problem_.backward) {
    text += problem_.needs_dx ? concat(", dx ", methods_.dx) : "";
    text += concat(", dw ", methods_.dw);
  }
  return text;
}

void CudaConvolution::pack(Context& context, Tensor w, Tensor packed, Tensor) const {
  check_tensor("w", w, w_);
  check_bytes(kOp, "packed", packed, packed_bytes());
  auto* bytes = packed.as<std::uint8_t>();
  convolution_pack(context, g_, w.as<float>(), reinterpret_cast<float*>(bytes));
  if (packs_for_dx()) {
    convolution_pack_for_dx(context, g_, w.as<float>(),
                            reinterpret_cast<float*>(bytes + packed_dx_offset()));
  }
}

// y = act(x * w + bias)
void CudaConvolution::forward(Context& context, const ConvolutionArguments& arguments) const {
  const auto& [x, packed, bias, y, scratch] = arguments;
  check_tensor("x", x, x_);
  check_tensor("y", y, y_);
  check_bytes(kOp, "packed", packed, packed_bytes());
  if (problem_.bias) {
    check_tensor("bias", bias, bias_);
  }
  const ConvolutionForward task{.x = x.as<float>(),
                                .packed = static_cast<const float*>(packed.data),
                                .bias = problem_.bias ? bias.as<float>() : nullptr,
                                .relu = problem_.relu,
                                .y = y.as<float>()};
  if (library_.forward != nullptr) {
    check_bytes(kOp, "scratch", scratch, scratch_bytes_);
    library_.forward->run(context, {x.data, packed.data, bias.data, y.data, scratch.data});
    return;
  }
  if (methods_.forward.engine == ConvolutionEngine::direct) {
    convolution_forward_direct(context, g_, task);
    return;
  }
  const bool quads = quads_of_x() && at_16_bytes(x.data) && at_16_bytes(packed.data);
  convolution_tiled(context, ForwardTask{g_, task, quads_of_y() && at_16_bytes(y.data)},
                    methods_.forward, quads ? 4 : 1);
}

// dy' = dy * [y > 0]; db += sum dy'; dw += x (*) dy'; dx = dy' (*) w
void CudaConvolution::backward(Context& context, const ConvolutionGradients& arguments) const {
  const auto& [x, y, dy, packed, dx, dw, db, scratch] = arguments;
  check(problem_.backward, kOp, ": backward was called, but not planned");
  check_tensor("dy", dy, y_);
  check_bytes(kOp, "packed", packed, packed_bytes());
  check_bytes(kOp, "scratch", scratch, scratch_bytes_);
  if (problem_.relu) {
    check_tensor("y", y, y_);
  }
  if (db) {
    check_tensor("db", db, bias_);
    convolution_add_bias_gradient(context, g_,
                                  {.y = problem_.relu ? y.as<float>() : nullptr,
                                   .dy = dy.as<float>(),
                                   .sums = static_cast<double*>(scratch.data),
                                   .db = db.as<float>()});
  } else if (problem_.relu) {
    relu_backward(context, y, dy, dy);
  }
  if (dw) {
    check_tensor("x", x, x_);
    check_tensor("dw", dw, w_);
    add_dw(context, arguments);
  }
  if (dx) {
    check(problem_.needs_dx, kOp, ": dx was given, but not planned");
    check_tensor("dx", dx, x_);
    compute_dx(context, arguments);
  }
}

void CudaConvolution::compute_dx(Context& context, const ConvolutionGradients& arguments) const {
  const auto* dy = arguments.dy.as<float>();
  auto* dx = arguments.dx.as<float>();
  const auto* bytes = arguments.packed.as<std::uint8_t>();
  if (library_.dx != nullptr) {
    library_.dx->run(context, {.x = dx,
                               .w = arguments.packed.data,
                               .y = arguments.dy.data,
                               .scratch = arguments.scratch.data});
    return;
  }
  if (methods_.dx.engine == ConvolutionEngine::direct) {
    convolution_dx_direct(context, g_, dy, reinterpret_cast<const float*>(bytes), dx);
    return;
  }
  const auto* packed = reinterpret_cast<const float*>(bytes + packed_dx_offset());
  const bool quads = quads_of_y() && at_16_bytes(dy) && at_16_bytes(packed);
  convolution_tiled(context, DxTask{g_, dy, packed, dx, quads_of_x() && at_16_bytes(dx)},
                    methods_.dx, quads ? 4 : 1);
}

void CudaConvolution::add_dw(Context& context, const ConvolutionGradients& arguments) const {
  const auto* x = arguments.x.as<float>();
  const auto* dy = arguments.dy.as<float>();
  auto* dw = arguments.dw.as<float>();
  if (methods_.dw.engine == ConvolutionEngine::direct) {
    convolution_dw_direct(context, g_, x, dy, dw);
    return;
  }
  auto* parts = static_cast<float*>(arguments.scratch.data);
  if (library_.dw != nullptr) {
    auto* bytes = arguments.scratch.as<std::uint8_t>();
    library_.dw->run(context,
                     {.x = arguments.x.data,
                      .w = parts,
                      .y = arguments.dy.data,
                      .scratch = bytes + ConvolutionLibrary::dw_scratch_offset(weights_bytes())});
    convolution_add_parts(context, g_, parts, 1, dw);
    return;
  }
  const bool quads = quads_of_x() && quads_of_y() && at_16_bytes(x) && at_16_bytes(dy);
  const bool wide = g_.forward_taps() % 4 == 0 && at_16_bytes(parts);
  const std::int32_t splits = methods_.dw.splits;
  convolution_tiled(context, DwTask{g_, x, dy, parts, splits, split_rows_, wide}, methods_.dw,
                    quads ? 4 : 1);
  convolution_add_parts(context, g_, parts, splits, dw);
}

TensorSpec y_spec_of(const ConvolutionProblem& problem) {
  return {convolution_shape(problem), DType::f32, Layout::nhwc};
}

}  // namespace

std::unique_ptr<ConvolutionKernel> plan_convolution_by(Context& context,
                                                       const ConvolutionProblem& problem,
                                                       const ConvolutionMethods& methods) {
  const TensorSpec y = y_spec_of(problem);
  ConvolutionProblem own = problem;
  own.x = x_spec_of(problem, uses_cudnn(methods));
  return std::make_unique<CudaConvolution>(problem, own.x, y, methods,
                                           ConvolutionLibrary(context, own, y, methods));
}

std::unique_ptr<ConvolutionKernel> plan_convolution(Context& context,
                                                    const ConvolutionProblem& problem) {
  ConvolutionProblem own = problem;
  const TensorSpec y = y_spec_of(problem);
  own.x = x_spec_of(problem, context.provider() == Provider::cudnn);
  return plan_convolution_by(context, own, decide_methods(context, own, y));
}

}  // namespace lrcn::cuda
