#include "kernels/cuda/cudnn/functions.h"

#include <array>

namespace lrcn::cuda {

cudnnDataType_t cudnn_type_of(DType dtype) {
  check(is_real(dtype), "cudnn: tensors must be f32 or bf16, got ", dtype);
  return dtype == DType::f32 ? CUDNN_DATA_FLOAT : CUDNN_DATA_BFLOAT16;
}

std::string CudnnFunctions::text_of(cudnnStatus_t status, const std::string& call) const {
  std::array<char, 1024> details{};
  get_last_error_string(details.data(), details.size());
  return concat(call, ": ", get_error_string(status), details[0] == '\0' ? "" : ", ",
                details.data());
}

void CudnnFunctions::throw_error(cudnnStatus_t status, const std::string& call) const {
  const std::string text = text_of(status, call);
  if (status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ||
      status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED) {
    throw MemoryError(text);
  }
  throw DeviceError(text);
}

}  // namespace lrcn::cuda
