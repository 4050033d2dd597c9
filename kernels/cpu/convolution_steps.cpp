#include "kernels/cpu/convolution_steps.h"

#include <algorithm>
#include <string>

#include "kernels/cpu/onednn_measure.h"

namespace lrcn::cpu {
namespace {

constexpr std::int64_t kMeasuredImages = 4;  // more images change the times, but not their order

using MaybeStep = std::optional<ConvolutionStep>;
using MakeStep = MaybeStep(OneDnn&, const ConvolutionDescriptors&, dnnl::algorithm);

template <class Desc>
ConvolutionStep step_of(OneDnn& dnn, const Desc& desc, const dnnl::memory::desc& weights,
                        const dnnl::primitive& primitive,
                        std::initializer_list<Primitive::Argument> arguments) {
  return {Primitive("convolution", dnn, primitive, arguments), weights,
          desc.scratchpad_desc().get_size()};
}

MaybeStep make_forward(OneDnn& dnn, const ConvolutionDescriptors& descriptors,
                       dnnl::algorithm algorithm) {
  const auto desc = descriptors.forward(algorithm);
  if (!desc) {
    return std::nullopt;
  }
  return step_of(dnn, *desc, desc->weights_desc(), dnnl::convolution_forward(*desc),
                 {{DNNL_ARG_SRC, desc->src_desc()},
                  {DNNL_ARG_WEIGHTS, desc->weights_desc()},
                  {DNNL_ARG_BIAS, desc->bias_desc()},
                  {DNNL_ARG_DST, desc->dst_desc()},
                  {DNNL_ARG_SCRATCHPAD, desc->scratchpad_desc()}});
}

MaybeStep make_dx(OneDnn& dnn, const ConvolutionDescriptors& descriptors,
                  dnnl::algorithm algorithm) {
  const auto desc = descriptors.backward_data(algorithm);
  if (!desc) {
    return std::nullopt;
  }
  return step_of(dnn, *desc, desc->weights_desc(), dnnl::convolution_backward_data(*desc),
                 {{DNNL_ARG_DIFF_DST, desc->diff_dst_desc()},
                  {DNNL_ARG_WEIGHTS, desc->weights_desc()},
                  {DNNL_ARG_DIFF_SRC, desc->diff_src_desc()},
                  {DNNL_ARG_SCRATCHPAD, desc->scratchpad_desc()}});
}

MaybeStep make_dw(OneDnn& dnn, const ConvolutionDescriptors& descriptors,
                  dnnl::algorithm algorithm) {
  const auto desc = descriptors.backward_weights(algorithm);
  if (!desc) {
    return std::nullopt;
  }
  return step_of(dnn, *desc, desc->diff_weights_desc(), dnnl::convolution_backward_weights(*desc),
                 {{DNNL_ARG_SRC, desc->src_desc()},
                  {DNNL_ARG_DIFF_DST, desc->diff_dst_desc()},
                  {DNNL_ARG_DIFF_WEIGHTS, desc->diff_weights_desc()},
                  {DNNL_ARG_DIFF_BIAS, desc->diff_bias_desc()},
                  {DNNL_ARG_SCRATCHPAD, desc->scratchpad_desc()}});
}

bool direct_wins(OneDnn& dnn, const ConvolutionDescriptors& descriptors, MakeStep* make) {
  const std::int64_t images = std::min(descriptors.x_spec().shape[0], kMeasuredImages);
  const ConvolutionDescriptors few = descriptors.with_images(images);
  const MaybeStep direct = make(dnn, few, dnnl::algorithm::convolution_direct);
  const MaybeStep winograd = make(dnn, few, dnnl::algorithm::convolution_winograd);
  if (!direct || !winograd) {
    return direct.has_value();
  }
  const Primitive candidates[] = {direct->primitive, winograd->primitive};
  return fastest_of(candidates) == 0;
}

ConvolutionStep choose(const ConvolutionSteps& steps, const char* direction, MakeStep* make) {
  const ConvolutionDescriptors& descriptors = steps.descriptors;
  MaybeStep direct = make(steps.dnn, descriptors, dnnl::algorithm::convolution_direct);
  MaybeStep winograd;
  if (steps.algorithm != ConvolutionAlgorithm::direct && descriptors.x_spec().shape[1] > 3) {
    winograd = make(steps.dnn, descriptors, dnnl::algorithm::convolution_winograd);
  }
  check<DeviceError>(direct || winograd, "convolution: oneDNN has no implementation for x ",
                     descriptors.x_spec(), " and y ", descriptors.y_spec());
  if (!winograd) {
    return *std::move(direct);
  }
  winograd->algorithm = "winograd";
  if (!direct || steps.algorithm == ConvolutionAlgorithm::winograd) {
    return *std::move(winograd);
  }
  const std::string problem = descriptors.name(direction, kMeasuredImages);
  const std::string names[] = {direct->algorithm, winograd->algorithm};
  const std::size_t chosen = steps.choices.choose(problem, names, 1, [&] {
    return std::size_t(direct_wins(steps.dnn, descriptors, make) ? 0 : 1);
  });
  return *std::move(chosen == 0 ? direct : winograd);
}

}  // namespace

ConvolutionStep ConvolutionSteps::forward() const { return choose(*this, "forward", make_forward); }
ConvolutionStep ConvolutionSteps::dx() const { return choose(*this, "dx", make_dx); }
ConvolutionStep ConvolutionSteps::dw() const { return choose(*this, "dw", make_dw); }

}  // namespace lrcn::cpu
