// cuDNN as one context uses it.
#pragma once

#include <memory>

#include "core/context.h"
#include "kernels/cuda/cudnn/descriptor.h"

namespace lrcn::cuda {

// For which device plans are made.
struct CudnnTarget {
  const CudnnFunctions* cudnn;
  cudnnHandle_t handle;           // of a device that is there, or nullptr
  const CudnnDescriptor* device;  // otherwise: a description of a device, that plans are made for
};

// context.handle<CudnnSession>(): the library and a handle on the context's stream. Throws
// DeviceError, naming what is missing.
class CudnnSession {
 public:
  explicit CudnnSession(Context& context);
  CudnnSession(const CudnnSession&) = delete;
  CudnnSession& operator=(const CudnnSession&) = delete;
  ~CudnnSession();

  const CudnnFunctions& cudnn() const { return cudnn_; }
  cudnnHandle_t handle() const { return handle_; }
  CudnnTarget target() const { return {&cudnn_, handle_, nullptr}; }

 private:
  CudnnFunctions cudnn_;
  Device device_;
  cudnnHandle_t handle_ = nullptr;
};

}  // namespace lrcn::cuda
