// oneDNN's descriptors of a convolution in every direction.
#pragma once

#include <optional>
#include <string>

#include "kernels/convolution.h"
#include "kernels/cpu/onednn.h"

namespace lrcn::cpu {

class ConvolutionDescriptors {
 public:
  using Forward = dnnl::convolution_forward::primitive_desc;
  using BackwardData = dnnl::convolution_backward_data::primitive_desc;
  using BackwardWeights = dnnl::convolution_backward_weights::primitive_desc;

  // The layouts in which oneDNN has optimised code for all directions that `problem` asks for;
  // blocked if possible, plain otherwise (an odd number of channels in a group, for example).
  static ConvolutionDescriptors choose(OneDnn& dnn, const ConvolutionProblem& problem);
  // The same problem and layouts for another number of images.
  ConvolutionDescriptors with_images(std::int64_t images) const;

  // Names the problem for AlgorithmChoices: everything that decides about speed.
  std::string name(const char* direction, std::int64_t most_images) const;

  const TensorSpec& x_spec() const { return x_; }
  const TensorSpec& y_spec() const { return y_; }
  // [K, C/groups, R, S] as the parameter store has it, and [K].
  dnnl::memory::desc plain_weights() const;
  dnnl::memory::desc bias() const;

  // Empty when oneDNN has no such algorithm for this problem.
  std::optional<Forward> forward(dnnl::algorithm algorithm) const;
  std::optional<BackwardData> backward_data(dnnl::algorithm algorithm) const;
  std::optional<BackwardWeights> backward_weights(dnnl::algorithm algorithm) const;

 private:
  ConvolutionDescriptors(OneDnn& dnn, const ConvolutionProblem& problem, Layout x, Layout y);

  bool optimised() const;
  dnnl::memory::dims weight_dims() const;
  dnnl::convolution_forward::desc forward_desc(dnnl::algorithm algorithm) const;
  Forward hint(dnnl::algorithm algorithm) const;

  OneDnn* dnn_;
  ConvolutionProblem problem_;
  TensorSpec x_;
  TensorSpec y_;
};

}  // namespace lrcn::cpu
