// What CUDA finds on this machine.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/device.h"

namespace lrcn::cuda {

struct DeviceInfo {
  std::string name = {};
  int capability = 0;  // 90: compute capability 9.0
  int multiprocessors = 0;
  std::size_t memory = 0;         // bytes
  std::size_t shared_memory = 0;  // bytes that a block of threads may have
  std::size_t cache = 0;          // bytes of the cache that all multiprocessors share
};

struct Platform {
  std::string driver = {};   // newest CUDA version the driver supports, "13.0"; empty: no driver
  std::string runtime = {};  // CUDA version of this build
  std::string problem = {};  // why there is no device; empty: there is one
  std::vector<DeviceInfo> devices = {};
};

// Never throws a DeviceError; initialises no device.
Platform find_platform();

// Throws DeviceError, with the reason, unless there is the device and this build has kernels for
// it.
void check_device(Device device);

}  // namespace lrcn::cuda
