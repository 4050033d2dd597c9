// A convolution on CUDA: what is planned and packed, and the way forward.
#include "kernels/cuda/planned_convolution.h"

#include <algorithm>
#include <utility>

#include "kernels/cuda/convolution_direct.h"
#include "kernels/cuda/convolution_pooling.h"
#include "kernels/cuda/convolution_weights.h"

namespace lrcn::cuda {
namespace {

constexpr std::int64_t kSplitRows = 32;  // splits begin at multiples of the depth of every tile

DType packed_dtype(const ConvolutionMethod& method, DType source) {
  return method.engine == ConvolutionEngine::direct ? DType::f32 : source;
}

}  // namespace

PlannedConvolution::PlannedConvolution(const ConvolutionProblem& problem, const TensorSpec& x,
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

std::string PlannedConvolution::algorithms() const {
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

void PlannedConvolution::pack(Context& context, Tensor w, Tensor packed, Tensor) const {
  check_convolution_tensor("w", w, w_);
  check_bytes(kConvolution, "packed", packed, packed_bytes());
  convolution_pack(context, g_, w.as<float>(), forward_weights(packed));
  if (packs_for_dx()) {
    convolution_pack_for_dx(context, g_, w.as<float>(), dx_weights(packed));
  }
}

// y = act(x * w + bias), or the maximum of each window of that
void PlannedConvolution::forward(Context& context, const ConvolutionArguments& arguments) const {
  check_devices("convolution", context.device(), arguments);
  const auto& [x, packed, bias, y, scratch, saved] = arguments;
  check_convolution_tensor("x", x, x_);
  check_convolution_tensor("y", y, y_);
  check_bytes(kConvolution, "packed", packed, packed_bytes());
  check_bytes(kConvolution, "saved", saved, saved_bytes());
  if (problem_.bias) {
    check_convolution_tensor("bias", bias, bias_);
  }
  if (!pools_behind()) {
    compute_y(context, arguments);
    return;
  }
  check_bytes(kConvolution, "scratch", scratch, scratch_bytes_);
  ConvolutionArguments apart = arguments;
  apart.y = whole_y(scratch);
  apart.scratch = behind_whole_y(scratch);
  compute_y(context, apart);
  convolution_pool(
      context, g_,
      {.y = apart.y, .relu = problem_.relu, .pooled = y, .saved = saved_pixels(saved)});
}

void PlannedConvolution::compute_y(Context& context, const ConvolutionArguments& arguments) const {
  const auto& [x, packed, bias, y, scratch, saved] = arguments;
  if (library_.forward != nullptr) {
    check_bytes(kConvolution, "scratch", scratch, library_.forward->scratch_bytes());
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
void PlannedConvolution::forward_tiled(Context& context,
                                       const ConvolutionArguments& arguments) const {
  std::uint8_t* saved = pools_in_one() ? saved_pixels(arguments.saved) : nullptr;
  const ForwardTask<Element> task{
      .g = g_,
      .x = arguments.x.as<Element>(),
      .packed = static_cast<const Element*>(arguments.packed.data),
      .bias = problem_.bias ? arguments.bias.as<float>() : nullptr,
      .relu = problem_.relu,
      .y = ResultMemory(arguments.y),
      .wide = y_has(4) && at_16_bytes(arguments.y.data) && at_16_bytes(saved),
      .windows = pools_in_one() ? PoolingWindows(g_) : PoolingWindows(),
      .saved = saved};
  const bool wide = x_has(kTogether<Element>) && at_16_bytes(task.x) && at_16_bytes(task.packed);
  convolution_tiled(context, task, methods_.forward, wide);
}

}  // namespace lrcn::cuda
