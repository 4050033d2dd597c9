// Devices and drivers.
#include <cstdio>

#include "tests/core/cuda/runtime_stand_in/state.h"

using namespace lrcn::test::stand_in;

// These two answer on a machine without a driver.
cudaError_t cudaDriverGetVersion(int* version) {
  *version = state().machine.driver;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  return call("cudaGetDeviceCount", [&] {
    *count = state().machine.devices;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return call("cudaGetDeviceProperties", [&] {
    const Machine& machine = state().machine;
    if (device < 0 || device >= machine.devices) {
      return cudaErrorInvalidDevice;
    }
    *properties = {};
    std::snprintf(properties->name, sizeof(properties->name), "stand-in %d", device);
    properties->major = machine.capability / 10;
    properties->minor = machine.capability % 10;
    properties->multiProcessorCount = machine.resident_blocks;
    properties->totalGlobalMem = machine.memory;
    properties->sharedMemPerBlockOptin = kMostSharedMemory;
    properties->l2CacheSize = 4 << 10;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  return call("cudaDeviceGetAttribute", [&] {
    if (device < 0 || device >= state().machine.devices) {
      return cudaErrorInvalidDevice;
    }
    if (attribute != cudaDevAttrMaxSharedMemoryPerBlockOptin) {
      return cudaErrorInvalidValue;
    }
    *value = kMostSharedMemory;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDevice(int* device) {
  return call("cudaGetDevice", [&] {
    *device = current_device();
    return cudaSuccess;
  });
}

cudaError_t cudaSetDevice(int device) {
  return call("cudaSetDevice", [&] {
    if (device < 0 || device >= state().machine.devices) {
      return cudaErrorInvalidDevice;
    }
    current_device() = device;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return call("cudaDeviceSynchronize", [] {
    // Not whatever thread records: a device cannot be waited for while one of its streams does.
    for (const auto& [handle, stream] : state().streams) {
      if (stream->capture != nullptr && stream->device == current_device()) {
        return invalidate(*stream->capture, cudaErrorStreamCaptureUnsupported);
      }
    }
    advance_device(current_device());
    return cudaSuccess;
  });
}
