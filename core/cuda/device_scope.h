// Which device the CUDA runtime works on.
#pragma once

#include "core/cuda/check.h"
#include "core/device.h"

namespace lrcn::cuda {

// Makes `device` current for the calling thread as long as it lives. Throws DeviceError when that
// is impossible.
class DeviceScope {
 public:
  explicit DeviceScope(Device device) {
    cuda_check(cudaGetDevice(&before_), "device ", device);
    if (device.index != before_) {
      cuda_check(cudaSetDevice(device.index), "device ", device);
      changed_ = true;
    }
  }
  ~DeviceScope() {
    if (changed_) {
      cudaSetDevice(before_);
    }
  }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  int before_ = 0;
  bool changed_ = false;
};

}  // namespace lrcn::cuda
