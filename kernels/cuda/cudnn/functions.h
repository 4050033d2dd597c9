// The functions of cuDNN that are used here, found when the library is opened.
#pragma once

#include <cudnn.h>

#include "core/dtype.h"
#include "core/error.h"
#include "kernels/cuda/shared_library.h"

namespace lrcn::cuda {

// Throws ArgumentError for all but f32 and bf16.
cudnnDataType_t cudnn_type_of(DType dtype);

// Throws DeviceError when cuDNN is not there or lacks a function. Each member is the function that
// its text names, with the type that the header declares.
struct CudnnFunctions {
  SharedLibrary library = open_cudnn();

  template <class Function>
  Function* find(const char* name) const {
    return library.function<Function>(name);
  }

  decltype(::cudnnGetErrorString)* get_error_string =
      find<decltype(::cudnnGetErrorString)>("cudnnGetErrorString");
  decltype(::cudnnGetLastErrorString)* get_last_error_string =
      find<decltype(::cudnnGetLastErrorString)>("cudnnGetLastErrorString");
  decltype(::cudnnCreate)* create = find<decltype(::cudnnCreate)>("cudnnCreate");
  decltype(::cudnnDestroy)* destroy = find<decltype(::cudnnDestroy)>("cudnnDestroy");
  decltype(::cudnnSetStream)* set_stream = find<decltype(::cudnnSetStream)>("cudnnSetStream");

  decltype(::cudnnBackendCreateDescriptor)* create_descriptor =
      find<decltype(::cudnnBackendCreateDescriptor)>("cudnnBackendCreateDescriptor");
  decltype(::cudnnBackendDestroyDescriptor)* destroy_descriptor =
      find<decltype(::cudnnBackendDestroyDescriptor)>("cudnnBackendDestroyDescriptor");
  decltype(::cudnnBackendSetAttribute)* set_attribute =
      find<decltype(::cudnnBackendSetAttribute)>("cudnnBackendSetAttribute");
  decltype(::cudnnBackendGetAttribute)* get_attribute =
      find<decltype(::cudnnBackendGetAttribute)>("cudnnBackendGetAttribute");
  decltype(::cudnnBackendFinalize)* finalize =
      find<decltype(::cudnnBackendFinalize)>("cudnnBackendFinalize");
  decltype(::cudnnBackendExecute)* execute =
      find<decltype(::cudnnBackendExecute)>("cudnnBackendExecute");

  // "cudnnCreate: CUDNN_STATUS_NOT_INITIALIZED, cudaGetDeviceCount(&count) != cudaSuccess"
  std::string text_of(cudnnStatus_t status, const std::string& call) const;

  // Throws MemoryError when memory did not suffice and DeviceError for any other failure; `call`
  // are the parts of what was called.
  template <class... Parts>
  void check(cudnnStatus_t status, const Parts&... call) const {
    if (status != CUDNN_STATUS_SUCCESS) [[unlikely]] {
      throw_error(status, concat(call...));
    }
  }

 private:
  [[noreturn]] void throw_error(cudnnStatus_t status, const std::string& call) const;
};

}  // namespace lrcn::cuda
