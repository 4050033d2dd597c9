// A convolution on CUDA: what its kernels need is laid out here, and each direction goes to the
// kernels that were chosen for it. Long because every direction is dispatched by its types here.
#include "kernels/convolution.h"

#include <algorithm>
#include <utility>

#include "kernels/activation.h"
#include "kernels/check_tensor.h"
#include "kernels/cuda/convolution_choice.h"
#include "kernels/cuda/convolution_direct.h"
#include "kernels/cuda/convolution_library.h"
#include "kernels/cuda/convolution_pooling.h"
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

// Elements that fill 16 bytes.
template <class Element>
inline constexpr int kTogether = 16 / int(sizeof(Element));

DType packed_dtype(const ConvolutionMethod& method, DType source) {
  return method.engine == ConvolutionEngine::direct ? DType::f32 : source;
}

// As cuDNN wants its scratch memory.
std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

// Whether the kernels of a forward method can pool what they write.
bool pools(const ConvolutionMethod& method) {
  return method.engine == ConvolutionEngine::tf32 || method.engine == ConvolutionEngine::bf16;
}

// By the tiled kernels of the method's engine.
template <class Task>
void convolution_tiled(Context& context, const Task& task, const ConvolutionMethod& method,
                       bool wide) {
  if constexpr (requires { convolution_simt(context, task, method.tile, wide); }) {
    if (method.engine == ConvolutionEngine::simt) {
      convolution_simt(context, task, method.tile, wide);
      return;
    }
  }
  convolution_mma(context, task, method, wide);
}

class CudaConvolution final : public ConvolutionKernel {
 public:
  // y: before it is pooled.
  CudaConvolution(const ConvolutionProblem& problem, const TensorSpec& x, const TensorSpec& y,
                  const ConvolutionMethods& methods, ConvolutionLibrary library);

  const TensorSpec& x_spec() const override { return x_; }
  const TensorSpec& y_spec() const override { return y_; }
  std::size_t packed_bytes() const override {
    return packs_for_dx() ? packed_dx_offset() + packed_dx_.bytes() : packed_.bytes();
  }
  std::size_t scratch_bytes() const override { return scratch_bytes_; }
  std::size_t saved_bytes() const override {
    return problem_.pool && problem_.backward ? std::size_t(y_.shape.elements()) : 0;
  }
  std::string algorithms() const override;

  void pack(Context& context, Tensor w, Tensor packed, Tensor scratch) const override;
  void forward(Context& context, const ConvolutionArguments& arguments) const override;
  void backward(Context& context, const ConvolutionGradients& arguments) const override;

 private:
  std::size_t dw_bytes() const { return std::size_t(g_.weights()) * sizeof(float); }
  std::size_t packed_dx_offset() const { return aligned(packed_.bytes()); }
  bool packs_for_dx() const {
    return problem_.backward && problem_.needs_dx &&
           methods_.dx.engine != ConvolutionEngine::direct && library_.dx == nullptr;
  }
  // Whether so many neighbouring channels of a group lie side by side.
  bool x_has(int channels) const {
    return x_.layout == Layout::nhwc && g_.group_channels % channels == 0;
  }
  bool y_has(int channels) const { return g_.group_outputs % channels == 0; }
  Tensor forward_weights(const Tensor& packed) const {
    return {packed.data, packed_, packed.device};
  }
  Tensor dx_weights(const Tensor& packed) const {
    return {packed.as<std::uint8_t>() + packed_dx_offset(), packed_dx_, packed.device};
  }

  // Pooling by a kernel of its own, behind the one that leaves all of y in scratch memory.
  bool pools_behind() const { return problem_.pool && !pools(methods_.forward); }
  // The front of scratch memory: all of y in forward, all of dy in backward.
  Tensor whole_y(const Tensor& scratch) const { return {scratch.data, whole_y_, scratch.device}; }
  Tensor behind_whole_y(const Tensor& scratch) const {
    return {scratch.as<std::uint8_t>() + whole_y_bytes_,
            {{std::int64_t(scratch_bytes_ - whole_y_bytes_)}, DType::u8},
            scratch.device};
  }

  static std::uint8_t* saved_pixels(const Tensor& saved) {
    return static_cast<std::uint8_t*>(saved.data);
  }

  void compute_y(Context& context, const ConvolutionArguments& arguments) const;
  template <class Element>
  void forward_tiled(Context& context, const ConvolutionArguments& arguments) const;
  void compute_gradients(Context& context, const ConvolutionGradients& arguments) const;
  void compute_dx(Context& context, const ConvolutionGradients& arguments) const;
  template <class Element>
  void compute_dx_tiled(Context& context, const ConvolutionGradients& arguments) const;
  void add_dw(Context& context, const ConvolutionGradients& arguments) const;
  template <class X, class Y>
  void add_dw_tiled(Context& context, const ConvolutionGradients& arguments) const;

  ConvolutionProblem problem_;
  TensorSpec x_;
  TensorSpec y_;
  TensorSpec whole_y_;  // before it is pooled
  TensorSpec w_;
  TensorSpec bias_;  // of no elements without bias
  ConvolutionGeometry g_;
  ConvolutionMethods methods_;
  ConvolutionLibrary library_;
  // Tiled kernels read weights of the type of their other source, cuDNN those of x's.
  TensorSpec packed_;            // [K, R, S, C/groups]
  TensorSpec packed_dx_;         // [C, R, S, K/groups]
  std::int32_t split_rows_ = 0;  // pixels of a split
  std::size_t whole_y_bytes_ = 0;
  std::size_t scratch_bytes_ = 0;
};

CudaConvolution::CudaConvolution(const ConvolutionProblem& problem, const TensorSpec& x,
                                 const TensorSpec& y, const ConvolutionMethods& methods,
                                 ConvolutionLibrary library)
    : problem_(problem),
      x_(x),
      y_{convolution_shape(problem), y.dtype, y.layout},
      whole_y_(y),
      w_{{problem.out_channels, x.shape[1] / problem.groups, problem.window.kernel_h,
          problem.window.kernel_w}},
      bias_{{problem.bias ? problem.out_channels : 0}},
      g_(problem, x, y),
      methods_(methods),
      library_(std::move(library)),
      packed_{{g_.weights()},
              library_.dx != nullptr ? x.dtype : packed_dtype(methods.forward, x.dtype)},
      packed_dx_{{g_.weights()}, packed_dtype(methods.dx, y.dtype)},
      whole_y_bytes_(problem.pool && (problem.backward || pools_behind()) ? aligned(y.bytes()) : 0),
      scratch_bytes_(library_.scratch_bytes(dw_bytes())) {
  // The sums of db and the parts of dw are needed one after the other.
  if (problem.backward && problem.bias) {
    scratch_bytes_ = std::max(
        scratch_bytes_, problem.pool ? convolution_spread_bytes(g_) : convolution_bias_bytes(g_));
  }
  if (problem.backward && methods.dw.engine != ConvolutionEngine::direct &&
      library_.dw == nullptr) {
    const std::int64_t pixels = (g_.y_pixels() + methods.dw.splits - 1) / methods.dw.splits;
    split_rows_ = std::int32_t((pixels + kSplitRows - 1) / kSplitRows * kSplitRows);
    methods_.dw.splits = std::int32_t((g_.y_pixels() + split_rows_ - 1) / split_rows_);
    scratch_bytes_ =
        std::max(scratch_bytes_, std::size_t(methods_.dw.splits * g_.weights()) * sizeof(float));
  }
  scratch_bytes_ += whole_y_bytes_;
}

std::string CudaConvolution::algorithms() const {
  std::string text = concat("forward ", methods_.forward);
  if (problem_.pool) {
    text += pools_behind() ? " then pooling" : " with pooling";
  }
  if (problem_.backward) {
    text += problem_.needs_dx ? concat(", dx ", methods_.dx) : "";
    text += concat(", dw ", methods_.dw);
  }
  return text;
}

void CudaConvolution::pack(Context& context, Tensor w, Tensor packed, Tensor) const {
  check_tensor("w", w, w_);
  check_bytes(kOp, "packed", packed, packed_bytes());
  convolution_pack(context, g_, w.as<float>(), forward_weights(packed));
  if (packs_for_dx()) {
    convolution_pack_for_dx(context, g_, w.as<float>(), dx_weights(packed));
  }
}

// y = act(x * w + bias), or the maximum of each window of that
void CudaConvolution::forward(Context& context, const ConvolutionArguments& arguments) const {
  check_devices("convolution", context.device(), arguments);
  const auto& [x, packed, bias, y, scratch, saved] = arguments;
  check_tensor("x", x, x_);
  check_tensor("y", y, y_);
  check_bytes(kOp, "packed", packed, packed_bytes());
  check_bytes(kOp, "saved", saved, saved_bytes());
  if (problem_.bias) {
    check_tensor("bias", bias, bias_);
  }
  if (!pools_behind()) {
    compute_y(context, arguments);
    return;
  }
  check_bytes(kOp, "scratch", scratch, scratch_bytes_);
  ConvolutionArguments apart = arguments;
  apart.y = whole_y(scratch);
  apart.scratch = behind_whole_y(scratch);
  compute_y(context, apart);
  convolution_pool(
      context, g_,
      {.y = apart.y, .relu = problem_.relu, .pooled = y, .saved = saved_pixels(saved)});
}

void CudaConvolution::compute_y(Context& context, const ConvolutionArguments& arguments) const {
  const auto& [x, packed, bias, y, scratch, saved] = arguments;
  if (library_.forward != nullptr) {
    check_bytes(kOp, "scratch", scratch, library_.forward->scratch_bytes());
    library_.forward->run(context, {x.data, packed.data, bias.data, y.data, scratch.data});
  } else if (methods_.forward.engine == ConvolutionEngine::direct) {
    convolution_forward_direct(context, g_,
                               {.x = x,
                                .packed = forward_weights(packed),
                                .bias = problem_.bias ? bias.as<float>() : nullptr,
                                .relu = problem_.relu,
                                .y = y});
  } else if (x_.dtype == DType::bf16) {
    forward_tiled<BFloat16>(context, arguments);
  } else {
    forward_tiled<float>(context, arguments);
  }
}

template <class Element>
void CudaConvolution::forward_tiled(Context& context, const ConvolutionArguments& arguments) const {
  std::uint8_t* saved = pools_behind() ? nullptr : saved_pixels(arguments.saved);
  const bool pooled = problem_.pool && !pools_behind();
  const ForwardTask<Element> task{
      .g = g_,
      .x = arguments.x.as<Element>(),
      .packed = static_cast<const Element*>(arguments.packed.data),
      .bias = problem_.bias ? arguments.bias.as<float>() : nullptr,
      .relu = problem_.relu,
      .y = ResultMemory(arguments.y),
      .wide = y_has(4) && at_16_bytes(arguments.y.data) && at_16_bytes(saved),
      .windows = pooled ? PoolingWindows(g_) : PoolingWindows(),
      .saved = saved};
  const bool wide = x_has(kTogether<Element>) && at_16_bytes(task.x) && at_16_bytes(task.packed);
  convolution_tiled(context, task, methods_.forward, wide);
}

// dy' = dy * [y > 0], or dy at the pixels that were saved; db += sum dy'; dw += x (*) dy';
// dx = dy' (*) w
void CudaConvolution::backward(Context& context, const ConvolutionGradients& arguments) const {
  check_devices("convolution", context.device(), arguments);
  const auto& [x, y, dy, packed, dx, dw, db, scratch, saved] = arguments;
  check(problem_.backward, kOp, ": backward was called, but not planned");
  check_tensor("dy", dy, y_);
  check_bytes(kOp, "packed", packed, packed_bytes());
  check_bytes(kOp, "scratch", scratch, scratch_bytes_);
  check_bytes(kOp, "saved", saved, saved_bytes());
  if (problem_.relu && !problem_.pool) {
    check_tensor("y", y, y_);
  }
  if (db) {
    check_tensor("db", db, bias_);
  }
  if (problem_.pool) {
    ConvolutionGradients apart = arguments;
    apart.dy = whole_y(scratch);
    apart.scratch = behind_whole_y(scratch);
    convolution_spread(context, g_,
                       {.pooled_dy = dy,
                        .saved = saved_pixels(saved),
                        .dy = apart.dy,
                        .sums = static_cast<double*>(apart.scratch.data),
                        .db = db ? db.as<float>() : nullptr});
    compute_gradients(context, apart);
    return;
  }
  if (db) {
    convolution_add_bias_gradient(context, g_,
                                  {.y = problem_.relu ? y : Tensor{},
                                   .dy = dy,
                                   .sums = static_cast<double*>(scratch.data),
                                   .db = db.as<float>()});
  } else if (problem_.relu) {
    relu_backward(context, y, dy, dy);
  }
  compute_gradients(context, arguments);
}

// Of x and w, where dy is that of all sums.
void CudaConvolution::compute_gradients(Context& context,
                                        const ConvolutionGradients& arguments) const {
  if (arguments.dw) {
    check_tensor("x", arguments.x, x_);
    check_tensor("dw", arguments.dw, w_);
    add_dw(context, arguments);
  }
  if (arguments.dx) {
    check(problem_.needs_dx, kOp, ": dx was given, but not planned");
    check_tensor("dx", arguments.dx, x_);
    compute_dx(context, arguments);
  }
}

void CudaConvolution::compute_dx(Context& context, const ConvolutionGradients& arguments) const {
  const Tensor& dy = arguments.dy;
  if (library_.dx != nullptr) {
    library_.dx->run(context, {.x = arguments.dx.data,
                               .w = arguments.packed.data,
                               .y = dy.data,
                               .scratch = arguments.scratch.data});
    return;
  }
  if (methods_.dx.engine == ConvolutionEngine::direct) {
    convolution_dx_direct(context, g_, dy, forward_weights(arguments.packed), arguments.dx);
  } else if (y_.dtype == DType::bf16) {
    compute_dx_tiled<BFloat16>(context, arguments);
  } else {
    compute_dx_tiled<float>(context, arguments);
  }
}

template <class Element>
void CudaConvolution::compute_dx_tiled(Context& context,
                                       const ConvolutionGradients& arguments) const {
  const DxTask<Element> task{.g = g_,
                             .dy = arguments.dy.as<Element>(),
                             .packed = dx_weights(arguments.packed).as<Element>(),
                             .dx = ResultMemory(arguments.dx),
                             .wide = x_has(4) && at_16_bytes(arguments.dx.data)};
  const bool wide = y_has(kTogether<Element>) && at_16_bytes(task.dy) && at_16_bytes(task.packed);
  convolution_tiled(context, task, methods_.dx, wide);
}

void CudaConvolution::add_dw(Context& context, const ConvolutionGradients& arguments) const {
  if (library_.dw != nullptr) {
    auto* bytes = arguments.scratch.as<std::uint8_t>();
    auto* dw = reinterpret_cast<float*>(bytes);
    library_.dw->run(context,
                     {.x = arguments.x.data,
                      .w = dw,
                      .y = arguments.dy.data,
                      .scratch = bytes + ConvolutionLibrary::dw_scratch_offset(dw_bytes())});
    convolution_add_parts(context, g_, dw, 1, arguments.dw.as<float>());
    return;
  }
  if (methods_.dw.engine == ConvolutionEngine::direct) {
    convolution_dw_direct(context, g_, arguments.x, arguments.dy, arguments.dw.as<float>());
  } else if (x_.dtype == DType::bf16) {
    add_dw_tiled<BFloat16, BFloat16>(context, arguments);
  } else if (y_.dtype == DType::bf16) {
    add_dw_tiled<float, BFloat16>(context, arguments);
  } else {
    add_dw_tiled<float, float>(context, arguments);
  }
}

template <class X, class Y>
void CudaConvolution::add_dw_tiled(Context& context, const ConvolutionGradients& arguments) const {
  auto* parts = static_cast<float*>(arguments.scratch.data);
  const DwTask<X, Y> task{.g = g_,
                          .x = arguments.x.as<X>(),
                          .dy = arguments.dy.as<Y>(),
                          .parts = parts,
                          .split_count = methods_.dw.splits,
                          .split_rows = split_rows_,
                          .wide = g_.forward_taps() % 4 == 0 && at_16_bytes(parts)};
  const bool wide_dy = y_has(kTogether<Y>) && at_16_bytes(task.dy);
  const bool wide_x = sizeof(X) != sizeof(Y) || (x_has(kTogether<X>) && at_16_bytes(task.x));
  convolution_tiled(context, task, methods_.dw, wide_dy && wide_x);
  convolution_add_parts(context, g_, parts, methods_.dw.splits, arguments.dw.as<float>());
}

// y before it is pooled.
TensorSpec whole_y_of(ConvolutionProblem problem) {
  convolution_shape(problem);
  problem.pool = false;
  return {convolution_shape(problem), problem.y_dtype, Layout::nhwc};
}

}  // namespace

std::unique_ptr<ConvolutionKernel> plan_convolution_by(Context& context,
                                                       const ConvolutionProblem& problem,
                                                       const ConvolutionMethods& methods) {
  const TensorSpec y = whole_y_of(problem);
  for (const ConvolutionMethod& method : {methods.forward, methods.dx, methods.dw}) {
    check(y.dtype == DType::f32 || method.engine == ConvolutionEngine::direct ||
              method.engine == ConvolutionEngine::bf16 || method.engine == ConvolutionEngine::cudnn,
          kOp, ": kernels for bf16 in memory are direct, bf16 or cuDNN, got ", method);
  }
  ConvolutionProblem own = problem;
  own.x = x_spec_of(problem, uses_cudnn(methods));
  return std::make_unique<CudaConvolution>(problem, own.x, y, methods,
                                           ConvolutionLibrary(context, own, y, methods));
}

std::unique_ptr<ConvolutionKernel> plan_convolution(Context& context,
                                                    const ConvolutionProblem& problem) {
  ConvolutionProblem own = problem;
  const TensorSpec y = whole_y_of(problem);
  own.x = x_spec_of(problem, context.provider() == Provider::cudnn);
  return plan_convolution_by(context, own, decide_methods(context, own, y));
}

bool convolution_pools(Context&) { return true; }

}  // namespace lrcn::cuda
