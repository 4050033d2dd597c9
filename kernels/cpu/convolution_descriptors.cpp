#include "kernels/cpu/convolution_descriptors.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace lrcn::cpu {
namespace {

using dnnl::memory;

constexpr auto kAny = memory::format_tag::any;
constexpr auto kF32 = memory::data_type::f32;

// The result of `make`, or nothing where oneDNN says that it has no implementation.
template <class Make>
auto if_implemented(Make&& make) -> std::optional<decltype(make())> {
  try {
    return make();
  } catch (const dnnl::error& error) {
    // Winograd of unsuitable shapes is reported as either of these two.
    if (error.status == dnnl_unimplemented || error.status == dnnl_invalid_arguments) {
      return std::nullopt;
    }
    fail_onednn("convolution", error);
  }
}

memory::dims strides(const Window& window) { return {window.stride_h, window.stride_w}; }
memory::dims pad_begin(const Window& window) { return {window.pad_top, window.pad_left}; }
memory::dims pad_end(const Window& window) { return {window.pad_bottom, window.pad_right}; }

// Empty descriptors and loops without vectors do not count as optimised.
template <class Desc>
bool is_optimised(const std::optional<Desc>& desc) {
  return desc && !std::string_view(desc->impl_info_str()).starts_with("ref");
}

}  // namespace

ConvolutionDescriptors::ConvolutionDescriptors(OneDnn& dnn, const ConvolutionProblem& problem,
                                               Layout x, Layout y)
    : dnn_(&dnn),
      problem_(problem),
      x_{problem.x.shape, DType::f32, x},
      y_{convolution_shape(problem), DType::f32, y} {}

ConvolutionDescriptors ConvolutionDescriptors::choose(OneDnn& dnn,
                                                      const ConvolutionProblem& problem) {
  const Layout blocked = native_blocked_layout();
  // Few channels fill a block badly: there the plain layout comes first, if x has it already.
  const bool few_channels = problem.x.shape[1] < 16 && problem.x.layout == Layout::plain;
  std::pair<Layout, Layout> layouts[] = {
      {blocked, blocked}, {Layout::plain, blocked}, {Layout::blocked8, Layout::blocked8}};
  if (few_channels) {
    std::swap(layouts[0], layouts[1]);
  }
  for (const auto& [x, y] : layouts) {
    ConvolutionDescriptors descriptors(dnn, problem, x, y);
    if (descriptors.optimised()) {
      return descriptors;
    }
  }
  return {dnn, problem, Layout::plain, Layout::plain};
}

ConvolutionDescriptors ConvolutionDescriptors::with_images(std::int64_t images) const {
  ConvolutionProblem problem = problem_;
  const Shape& x = problem.x.shape;
  problem.x.shape = {images, x[1], x[2], x[3]};
  return {*dnn_, problem, x_.layout, y_.layout};
}

std::string ConvolutionDescriptors::name(const char* direction, std::int64_t most_images) const {
  const std::int64_t images = x_.shape[0];
  return concat("cpu convolution ", direction, problem_.backward ? "" : " without backward", ", x ",
                with_images(std::min(images, most_images)).x_,
                images > most_images ? " or more" : "", ", ", problem_.out_channels,
                " channels, window ", problem_.window, ", ", problem_.groups, " groups");
}

bool ConvolutionDescriptors::optimised() const {
  constexpr auto kDirect = dnnl::algorithm::convolution_direct;
  return is_optimised(forward(kDirect)) &&
         (!problem_.backward || is_optimised(backward_weights(kDirect))) &&
         (!problem_.backward || !problem_.needs_dx || is_optimised(backward_data(kDirect)));
}

memory::dims ConvolutionDescriptors::weight_dims() const {
  const std::int64_t groups = problem_.groups;
  const std::int64_t k = problem_.out_channels;
  const std::int64_t c = problem_.x.shape[1];
  const Window& window = problem_.window;
  if (groups == 1) {
    return {k, c, window.kernel_h, window.kernel_w};
  }
  return {groups, k / groups, c / groups, window.kernel_h, window.kernel_w};
}

memory::desc ConvolutionDescriptors::plain_weights() const {
  return {weight_dims(), kF32,
          problem_.groups == 1 ? memory::format_tag::oihw : memory::format_tag::goihw};
}

memory::desc ConvolutionDescriptors::bias() const {
  return {{problem_.out_channels}, kF32, memory::format_tag::x};
}

dnnl::convolution_forward::desc ConvolutionDescriptors::forward_desc(
    dnnl::algorithm algorithm) const {
  const auto purpose =
      problem_.backward ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  const Window& window = problem_.window;
  const memory::desc weights(weight_dims(), kF32, kAny);
  if (!problem_.bias) {
    return {purpose,     algorithm,       desc_of(x_),       weights,
            desc_of(y_), strides(window), pad_begin(window), pad_end(window)};
  }
  return {purpose,     algorithm,       desc_of(x_),       weights,        bias(),
          desc_of(y_), strides(window), pad_begin(window), pad_end(window)};
}

std::optional<ConvolutionDescriptors::Forward> ConvolutionDescriptors::forward(
    dnnl::algorithm algorithm) const {
  dnnl::primitive_attr attributes = user_scratch();
  if (problem_.relu) {
    dnnl::post_ops relu;
    relu.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
    attributes.set_post_ops(relu);
  }
  return if_implemented([&] { return Forward(forward_desc(algorithm), attributes, dnn_->engine); });
}

// The backward descriptors want to see a forward one of the same algorithm, without post-ops.
ConvolutionDescriptors::Forward ConvolutionDescriptors::hint(dnnl::algorithm algorithm) const {
  return {forward_desc(algorithm), user_scratch(), dnn_->engine};
}

std::optional<ConvolutionDescriptors::BackwardData> ConvolutionDescriptors::backward_data(
    dnnl::algorithm algorithm) const {
  const Window& window = problem_.window;
  return if_implemented([&] {
    const dnnl::convolution_backward_data::desc desc(
        algorithm, desc_of(x_), memory::desc(weight_dims(), kF32, kAny), desc_of(y_),
        strides(window), pad_begin(window), pad_end(window));
    return BackwardData(desc, user_scratch(), dnn_->engine, hint(algorithm));
  });
}

std::optional<ConvolutionDescriptors::BackwardWeights> ConvolutionDescriptors::backward_weights(
    dnnl::algorithm algorithm) const {
  const Window& window = problem_.window;
  const memory::desc weights(weight_dims(), kF32, kAny);
  return if_implemented([&] {
    using Desc = dnnl::convolution_backward_weights::desc;
    const Desc desc = problem_.bias ? Desc(algorithm, desc_of(x_), weights, bias(), desc_of(y_),
                                           strides(window), pad_begin(window), pad_end(window))
                                    : Desc(algorithm, desc_of(x_), weights, desc_of(y_),
                                           strides(window), pad_begin(window), pad_end(window));
    return BackwardWeights(desc, user_scratch(), dnn_->engine, hint(algorithm));
  });
}

}  // namespace lrcn::cpu
