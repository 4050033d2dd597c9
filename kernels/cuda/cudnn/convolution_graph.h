// A direction of a convolution as a graph of cuDNN's operations.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cuda/convolution_library.h"
#include "kernels/cuda/cudnn/descriptor.h"

namespace lrcn::cuda {

// The tensors of a graph, as cuDNN's unique ids.
enum class CudnnTensor : std::int64_t { x = 1, w, bias, y, sum, biased };

inline constexpr std::int64_t kCudnnAlignment = 16;  // bytes, of every tensor

// What a graph holds behind the sums of a forward convolution.
struct CudnnEpilogue {
  bool bias = false;
  bool relu = false;
};

// Descriptors of operations and of what they are made of, all finalized, which needs no device.
// problem.x is nhwc; images and weights have x's element type, the gradient of the weights is f32.
// The functions and arguments must outlive it.
class CudnnGraph {
 public:
  CudnnGraph(const CudnnFunctions& cudnn, const ConvolutionProblem& problem, const TensorSpec& y)
      : cudnn_(cudnn), problem_(problem), y_(y) {}

  // One of these, once.
  void add_forward(CudnnEpilogue epilogue);
  void add_dx();
  void add_dw();

  std::vector<cudnnBackendDescriptor_t> operations() const;
  // Those that the graph reads from memory or writes there.
  const std::vector<CudnnTensor>& tensors() const { return tensors_; }
  // To be kept alive as long as what is made of the operations.
  std::vector<CudnnDescriptor> take_parts() { return std::move(parts_); }

 private:
  CudnnDescriptor& part(cudnnBackendDescriptorType_t type, const char* name) {
    return parts_.emplace_back(cudnn_, type, name);
  }
  // The following return the place of what they have added.
  // [n, c, h, w] as nhwc.
  std::size_t image(CudnnTensor id, const char* name, const Shape& shape, DType dtype,
                    bool is_virtual = false);
  std::size_t weights(const char* name, DType dtype);
  std::size_t convolution();
  void add_pointwise(cudnnPointwiseMode_t mode, std::size_t x, std::optional<std::size_t> b,
                     std::size_t y);
  void finish_operation();

  const CudnnFunctions& cudnn_;
  const ConvolutionProblem& problem_;
  const TensorSpec& y_;
  std::vector<CudnnDescriptor> parts_;
  std::vector<std::size_t> operations_;
  std::vector<CudnnTensor> tensors_;
};

}  // namespace lrcn::cuda
