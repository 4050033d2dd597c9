#include "core/cuda/device_info.h"

#include <cuda_runtime_api.h>

#include "core/error.h"

namespace lrcn::cuda {
namespace {

std::string version_text(int version) { return concat(version / 1000, '.', version % 1000 / 10); }

// Why cudaGetDeviceCount failed or found nothing.
std::string problem_of(cudaError_t result, int driver, int runtime) {
  if (driver == 0) {
    return "there is no CUDA driver on this machine";
  }
  if (result == cudaErrorInsufficientDriver) {
    return concat("the CUDA driver is too old: it supports CUDA ", version_text(driver),
                  ", this build needs ", version_text(runtime));
  }
  if (result == cudaSuccess || result == cudaErrorNoDevice) {
    return "the CUDA driver finds no device";
  }
  return concat("the CUDA driver does not start: ", cudaGetErrorString(result), " (",
                cudaGetErrorName(result), ')');
}

DeviceInfo info_of(int index) {
  cudaDeviceProp properties{};
  if (cudaGetDeviceProperties(&properties, index) != cudaSuccess) {
    cudaGetLastError();
    return {.name = "does not answer"};
  }
  return {.name = properties.name,
          .capability = 10 * properties.major + properties.minor,
          .multiprocessors = properties.multiProcessorCount,
          .memory = properties.totalGlobalMem,
          .shared_memory = properties.sharedMemPerBlockOptin,
          .cache = std::size_t(properties.l2CacheSize)};
}

}  // namespace

Platform find_platform() {
  int driver = 0;
  int runtime = 0;
  int count = 0;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const cudaError_t result = cudaGetDeviceCount(&count);
  Platform platform{.driver = driver == 0 ? "" : version_text(driver),
                    .runtime = version_text(runtime)};
  if (result != cudaSuccess || count == 0) {
    cudaGetLastError();
    platform.problem = problem_of(result, driver, runtime);
    return platform;
  }
  for (int index = 0; index < count; ++index) {
    platform.devices.push_back(info_of(index));
  }
  return platform;
}

void check_device(Device device) {
  const Platform platform = find_platform();
  check<DeviceError>(platform.problem.empty(), "device: ", device, " was asked for, but ",
                     platform.problem);
  check<DeviceError>(std::size_t(device.index) < platform.devices.size(), "device: ", device,
                     " was asked for, but there are only ", platform.devices.size(),
                     " (cuda:0 to cuda:", platform.devices.size() - 1, ')');
  const DeviceInfo& info = platform.devices[std::size_t(device.index)];
  check<DeviceError>(info.capability >= LRCN_CUDA_LOWEST, "device: ", device, " (", info.name,
                     ") has compute capability ", info.capability / 10, '.', info.capability % 10,
                     ", this build needs ", LRCN_CUDA_LOWEST / 10, '.', LRCN_CUDA_LOWEST % 10);
}

}  // namespace lrcn::cuda
