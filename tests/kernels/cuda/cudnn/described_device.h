// A GPU that is described instead of present: cuDNN plans for it, which needs no driver.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/cudnn/session.h"

namespace lrcn::test {

// What cuDNN asks of a device, as its CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION: an H200 or an
// A100, from their data sheets.
inline std::string device_json(int capability) {
  const bool hopper = capability == 900;
  return concat(
      R"({"maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64],)",
      R"( "regsPerBlock": 65536, "multiProcessorCount": )", hopper ? 132 : 108,
      R"(, "warpSize": 32, "maxSharedMemoryPerBlock": 49152, "maxSharedMemoryPerBlockOptin": )",
      hopper ? 232448 : 166912,
      R"(, "reservedSharedMemoryPerBlock": 1024, "maxRegistersPerSM": 65536, "maxCtasPerSM": 32,)",
      R"( "maxThreadsPerBlock": 1024, "maxThreadsPerSM": 2048, "pciDeviceId": 0, "isTccDriver": 0,)",
      R"( "supportCoopLaunch": 1, "totalGlobalMem": )", hopper ? 150'000'000'000 : 42'000'000'000,
      R"(, "smClockRateKHz": 1410000, "memClockRateKHz": 1593000, "l2CacheSize": 41943040,)",
      R"( "cudaDeviceId": 0, "deviceVer": )", capability,
      R"(, "driverVer": 13000, "deviceName": ")", hopper ? "NVIDIA H200" : "NVIDIA A100", R"("})");
}

using cuda::CudnnDescriptor;
using cuda::CudnnFunctions;
using cuda::CudnnTarget;

class DescribedDevice {
 public:
  DescribedDevice(const CudnnFunctions& cudnn, int capability)
      : cudnn_(cudnn),
        device_(cudnn, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, "description of a device") {
    const std::string json = device_json(capability);
    device_
        .set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, std::vector<char>(json.begin(), json.end()))
        .finalize();
  }
  CudnnTarget target() const { return {&cudnn_, nullptr, &device_}; }

 private:
  const CudnnFunctions& cudnn_;
  CudnnDescriptor device_;
};

}  // namespace lrcn::test
