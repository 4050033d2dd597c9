// cuDNN's interface for recurrent networks, which is apart from its graphs of operations.
#pragma once

#include <array>
#include <memory>
#include <type_traits>

#include "kernels/cuda/cudnn/functions.h"
#include "kernels/lstm.h"

namespace lrcn::cuda {

// The functions used here, as in CudnnFunctions.
struct CudnnRnnFunctions {
  explicit CudnnRnnFunctions(const CudnnFunctions& functions) : cudnn(functions) {}

  const CudnnFunctions& cudnn;

  decltype(::cudnnCreateRNNDescriptor)* create_rnn =
      cudnn.find<decltype(::cudnnCreateRNNDescriptor)>("cudnnCreateRNNDescriptor");
  decltype(::cudnnDestroyRNNDescriptor)* destroy_rnn =
      cudnn.find<decltype(::cudnnDestroyRNNDescriptor)>("cudnnDestroyRNNDescriptor");
  decltype(::cudnnSetRNNDescriptor_v8)* set_rnn =
      cudnn.find<decltype(::cudnnSetRNNDescriptor_v8)>("cudnnSetRNNDescriptor_v8");
  decltype(::cudnnCreateRNNDataDescriptor)* create_data =
      cudnn.find<decltype(::cudnnCreateRNNDataDescriptor)>("cudnnCreateRNNDataDescriptor");
  decltype(::cudnnDestroyRNNDataDescriptor)* destroy_data =
      cudnn.find<decltype(::cudnnDestroyRNNDataDescriptor)>("cudnnDestroyRNNDataDescriptor");
  decltype(::cudnnSetRNNDataDescriptor)* set_data =
      cudnn.find<decltype(::cudnnSetRNNDataDescriptor)>("cudnnSetRNNDataDescriptor");
  decltype(::cudnnCreateTensorDescriptor)* create_tensor =
      cudnn.find<decltype(::cudnnCreateTensorDescriptor)>("cudnnCreateTensorDescriptor");
  decltype(::cudnnDestroyTensorDescriptor)* destroy_tensor =
      cudnn.find<decltype(::cudnnDestroyTensorDescriptor)>("cudnnDestroyTensorDescriptor");
  decltype(::cudnnSetTensorNdDescriptor)* set_tensor =
      cudnn.find<decltype(::cudnnSetTensorNdDescriptor)>("cudnnSetTensorNdDescriptor");
  decltype(::cudnnGetTensorNdDescriptor)* get_tensor =
      cudnn.find<decltype(::cudnnGetTensorNdDescriptor)>("cudnnGetTensorNdDescriptor");
  decltype(::cudnnGetRNNWeightSpaceSize)* weight_space =
      cudnn.find<decltype(::cudnnGetRNNWeightSpaceSize)>("cudnnGetRNNWeightSpaceSize");
  decltype(::cudnnGetRNNTempSpaceSizes)* temporary_space =
      cudnn.find<decltype(::cudnnGetRNNTempSpaceSizes)>("cudnnGetRNNTempSpaceSizes");
  decltype(::cudnnGetRNNWeightParams)* weight_parameters =
      cudnn.find<decltype(::cudnnGetRNNWeightParams)>("cudnnGetRNNWeightParams");
  decltype(::cudnnRNNForward)* forward = cudnn.find<decltype(::cudnnRNNForward)>("cudnnRNNForward");
  decltype(::cudnnRNNBackwardData_v8)* backward_data =
      cudnn.find<decltype(::cudnnRNNBackwardData_v8)>("cudnnRNNBackwardData_v8");
  decltype(::cudnnRNNBackwardWeights_v8)* backward_weights =
      cudnn.find<decltype(::cudnnRNNBackwardWeights_v8)>("cudnnRNNBackwardWeights_v8");
};

template <class Descriptor>
using CudnnOwned =
    std::unique_ptr<std::remove_pointer_t<Descriptor>, cudnnStatus_t (*)(Descriptor)>;

// What describes a problem to cuDNN, all of it in the problem's element type; needs no device.
struct CudnnRnnDescriptors {
  // Throws what CudnnFunctions::check throws, and ArgumentError for sizes of 2^31 and more.
  CudnnRnnDescriptors(const CudnnRnnFunctions& rnn, const LstmProblem& problem);

  CudnnOwned<cudnnRNNDescriptor_t> network;
  CudnnOwned<cudnnRNNDataDescriptor_t> x;      // [T, N, I]
  CudnnOwned<cudnnRNNDataDescriptor_t> y;      // [T, N, H]
  CudnnOwned<cudnnTensorDescriptor_t> state;   // [1, N, H]
  CudnnOwned<cudnnTensorDescriptor_t> matrix;  // what weight_parameters describes
  CudnnOwned<cudnnTensorDescriptor_t> bias;
};

}  // namespace lrcn::cuda
