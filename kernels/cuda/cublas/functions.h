// The functions of cuBLASLt that are used here, found when the library is opened.
#pragma once

#include <cublasLt.h>

#include <memory>
#include <type_traits>

#include "core/error.h"
#include "kernels/cuda/shared_library.h"

namespace lrcn::cuda {

// Throws DeviceError when cuBLASLt is not there or lacks a function. Each member is the function
// that its text names, with the type that the header declares.
struct CublasFunctions {
  SharedLibrary library = open_cublaslt();

  template <class Function>
  Function* find(const char* name) const {
    return library.function<Function>(name);
  }

  decltype(::cublasLtGetStatusString)* status_string =
      find<decltype(::cublasLtGetStatusString)>("cublasLtGetStatusString");
  decltype(::cublasLtCreate)* create = find<decltype(::cublasLtCreate)>("cublasLtCreate");
  decltype(::cublasLtDestroy)* destroy = find<decltype(::cublasLtDestroy)>("cublasLtDestroy");
  decltype(::cublasLtMatmulDescCreate)* create_product =
      find<decltype(::cublasLtMatmulDescCreate)>("cublasLtMatmulDescCreate");
  decltype(::cublasLtMatmulDescDestroy)* destroy_product =
      find<decltype(::cublasLtMatmulDescDestroy)>("cublasLtMatmulDescDestroy");
  decltype(::cublasLtMatmulDescSetAttribute)* set_product =
      find<decltype(::cublasLtMatmulDescSetAttribute)>("cublasLtMatmulDescSetAttribute");
  decltype(::cublasLtMatrixLayoutCreate)* create_layout =
      find<decltype(::cublasLtMatrixLayoutCreate)>("cublasLtMatrixLayoutCreate");
  decltype(::cublasLtMatrixLayoutDestroy)* destroy_layout =
      find<decltype(::cublasLtMatrixLayoutDestroy)>("cublasLtMatrixLayoutDestroy");
  decltype(::cublasLtMatmulPreferenceCreate)* create_preference =
      find<decltype(::cublasLtMatmulPreferenceCreate)>("cublasLtMatmulPreferenceCreate");
  decltype(::cublasLtMatmulPreferenceDestroy)* destroy_preference =
      find<decltype(::cublasLtMatmulPreferenceDestroy)>("cublasLtMatmulPreferenceDestroy");
  decltype(::cublasLtMatmulPreferenceSetAttribute)* set_preference =
      find<decltype(::cublasLtMatmulPreferenceSetAttribute)>(
          "cublasLtMatmulPreferenceSetAttribute");
  decltype(::cublasLtMatmulAlgoGetHeuristic)* heuristics =
      find<decltype(::cublasLtMatmulAlgoGetHeuristic)>("cublasLtMatmulAlgoGetHeuristic");
  decltype(::cublasLtMatmul)* matmul = find<decltype(::cublasLtMatmul)>("cublasLtMatmul");

  // Throws MemoryError when memory did not suffice and DeviceError for any other failure.
  void check(cublasStatus_t status, const char* call) const {
    if (status == CUBLAS_STATUS_ALLOC_FAILED) {
      fail<MemoryError>(call, ": ", status_string(status));
    }
    lrcn::check<DeviceError>(status == CUBLAS_STATUS_SUCCESS, call, ": ", status_string(status));
  }
};

// One handle type for cuBLASLt's descriptors.
template <class Descriptor>
using CublasOwned =
    std::unique_ptr<std::remove_pointer_t<Descriptor>, cublasStatus_t (*)(Descriptor)>;

}  // namespace lrcn::cuda
