// A convolution on CUDA as it was planned: what its kernels need is laid out when it is made, and
// each direction goes to the kernels that were chosen for it.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/check_tensor.h"
#include "kernels/cuda/convolution_library.h"

namespace lrcn::cuda {

inline constexpr const char* kConvolution = "convolution";

inline void check_convolution_tensor(const char* name, const Tensor& tensor,
                                     const TensorSpec& spec) {
  check_spec(kConvolution, name, tensor, spec);
  check_present(kConvolution, name, tensor);
}

inline bool at_16_bytes(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0;
}

// Elements that fill 16 bytes.
template <class Element>
inline constexpr int kTogether = 16 / int(sizeof(Element));

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

class PlannedConvolution final : public ConvolutionKernel {
 public:
  // y: before it is pooled.
  PlannedConvolution(const ConvolutionProblem& problem, const TensorSpec& x, const TensorSpec& y,
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
  // As cuDNN wants its scratch memory.
  static std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }
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

  // Pooling by the kernels that compute y, or by one of its own behind those, which then leave all
  // of y in scratch memory.
  bool pools_in_one() const {
    const ConvolutionEngine engine = methods_.forward.engine;
    return problem_.pool &&
           (engine == ConvolutionEngine::tf32 || engine == ConvolutionEngine::bf16);
  }
  bool pools_behind() const { return problem_.pool && !pools_in_one(); }
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

}  // namespace lrcn::cuda
