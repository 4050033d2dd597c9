#include "kernels/cuda/cudnn/session.h"

#include "core/cuda/device_scope.h"

namespace lrcn::cuda {

CudnnSession::CudnnSession(Context& context) : device_(context.device()) {
  const DeviceScope scope(device_);
  cudnn_.check(cudnn_.create(&handle_), "cudnnCreate on ", device_);
  const cudnnStatus_t status =
      cudnn_.set_stream(handle_, static_cast<cudaStream_t>(context.stream()));
  if (status != CUDNN_STATUS_SUCCESS) {
    cudnn_.destroy(handle_);
    cudnn_.check(status, "cudnnSetStream on ", device_);
  }
}

CudnnSession::~CudnnSession() { cudnn_.destroy(handle_); }

}  // namespace lrcn::cuda
