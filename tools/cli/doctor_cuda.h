// NVIDIA's driver and devices, as far as this machine has them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lrcn {

struct CudaDeviceFacts {
  std::string name;
  int capability_major = 0;
  int capability_minor = 0;
  std::uint64_t memory = 0;  // bytes
};

struct CudaFacts {
  std::string driver;   // newest CUDA that the driver supports, "13.0"; empty: no driver
  std::string problem;  // why there are no devices; empty when there are
  std::vector<CudaDeviceFacts> devices;
};

// Asks libcuda.so.1, which is opened for that alone, so that it works in builds without CUDA, too.
CudaFacts cuda_facts();

}  // namespace lrcn
