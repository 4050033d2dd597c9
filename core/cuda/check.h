// Results of the CUDA runtime as exceptions.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "core/error.h"

namespace lrcn::cuda {

// Throws MemoryError when memory did not suffice and DeviceError otherwise. Clears the error, so
// that the next call does not report it again; says so when the error is of the kind that stays.
[[noreturn]] void throw_cuda_error(cudaError_t result, const std::string& operation);

// Throws when `result` is an error; `operation` are the parts of what was tried.
template <class... Parts>
void cuda_check(cudaError_t result, const Parts&... operation) {
  if (result != cudaSuccess) [[unlikely]] {
    throw_cuda_error(result, concat(operation...));
  }
}

// The same for a kernel, whose name it finds out; `operation` is what was done to it ("launch of").
void cuda_check_kernel(cudaError_t result, const char* operation, const void* kernel);

// Whether the process has lost the device: every later call returns the same error.
bool is_sticky(cudaError_t result);

}  // namespace lrcn::cuda
