#include "core/cuda/check.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

#include "core/cuda/device_info.h"

namespace lrcn::cuda {

bool is_sticky(cudaError_t result) {
  switch (result) {
    case cudaErrorAssert:
    case cudaErrorContained:
    case cudaErrorECCUncorrectable:
    case cudaErrorExternalDevice:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalAddress:
    case cudaErrorIllegalInstruction:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorMisalignedAddress:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorTensorMemoryLeak:
      return true;
    default:
      return false;
  }
}

void throw_cuda_error(cudaError_t result, const std::string& operation) {
  cudaGetLastError();
  if (result == cudaErrorInsufficientDriver || result == cudaErrorNoDevice) {
    fail<DeviceError>(operation, ": ", find_platform().problem);
  }
  const std::string reason =
      concat(cudaGetErrorString(result), " (", cudaGetErrorName(result), ')');
  if (result == cudaErrorMemoryAllocation) {
    fail<MemoryError>(operation, ": ", reason);
  }
  fail<DeviceError>(operation, ": ", reason,
                    is_sticky(result) ? "; the work given to the device is lost and this process "
                                        "can no longer use it; when launches are checked, the "
                                        "kernel is named"
                                      : "");
}

void cuda_check_kernel(cudaError_t result, const char* operation, const void* kernel) {
  if (result == cudaSuccess) {
    return;
  }
  const char* mangled = nullptr;
  if (cudaFuncGetName(&mangled, kernel) != cudaSuccess || mangled == nullptr) {
    throw_cuda_error(result, concat(operation, " a kernel"));
  }
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(mangled, nullptr, nullptr, nullptr), std::free);
  throw_cuda_error(result, concat(operation, ' ', name == nullptr ? mangled : name.get()));
}

}  // namespace lrcn::cuda
