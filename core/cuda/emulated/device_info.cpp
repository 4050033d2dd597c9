#include "core/cuda/device_info.h"

#include "core/cuda/emulated/device.h"
#include "core/error.h"

namespace lrcn::cuda {

Platform find_platform() {
  return {.driver = "emulated",
          .runtime = "emulated",
          .problem = "",
          .devices = {{.name = "CUDA emulated on the CPU",
                       .capability = 90,
                       .multiprocessors = 4,
                       .memory = kEmulatedMemory,
                       .shared_memory = kEmulatedSharedMemory,
                       .cache = kEmulatedCache}}};
}

void check_device(Device device) {
  check<DeviceError>(device.index == 0, "device: ", device,
                     " was asked for, but emulated CUDA has only cuda:0");
}

}  // namespace lrcn::cuda
