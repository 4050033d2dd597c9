// Where cuDNN has the weights of an LSTM.
#pragma once

#include <functional>

#include "kernels/cuda/cudnn/rnn.h"

namespace lrcn::cuda {

// cuDNN has the matrices and biases of single gates in a block of its own order, in the problem's
// element type. Its gates are i, f, g, o, as ours: cudnnGetRNNWeightParams counts the input,
// forget, cell and output gate of the input from 0 to 3, and those of the state from 4 to 7.
class CudnnLstmParameters {
 public:
  // All three must outlive this. handle: of the device that will hold the block.
  CudnnLstmParameters(const CudnnRnnFunctions& rnn, cudnnHandle_t handle,
                      const CudnnRnnDescriptors& descriptors, const LstmProblem& problem);

  // Of the block.
  std::size_t bytes() const { return bytes_; }

  // Calls body(own, place) with pieces of `weights` and where in `block`, u8 [bytes()], cuDNN has
  // them, tensors of one shape. Gates that lie behind each other there too are one piece. Weights
  // that are absent are left out. Throws DeviceError where cuDNN has other sizes or another type.
  using Body = std::function<void(const Tensor& own, const Tensor& place)>;
  void for_each(const LstmWeights& weights, const Tensor& block, const Body& body) const;

 private:
  // The gates of one of our tensors, [4H, ...], which begin with cuDNN's `first`.
  struct Gates {
    int first;
    bool bias;
  };
  void for_each(const Tensor& whole, Gates gates, const Tensor& block, const Body& body) const;
  // Where gate `layer` has its matrix or bias of so many elements.
  std::byte* place_of(int layer, bool bias, const Tensor& block, std::int64_t elements) const;

  const CudnnRnnFunctions& rnn_;
  cudnnHandle_t handle_;
  const CudnnRnnDescriptors& descriptors_;
  std::int64_t units_;
  DType dtype_;
  std::size_t bytes_ = 0;
};

}  // namespace lrcn::cuda
