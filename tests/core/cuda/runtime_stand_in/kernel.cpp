// Kernels, for which functions of the host stand.
#include "tests/core/cuda/runtime_stand_in/state.h"

namespace lrcn::test::stand_in {

void add_kernel(const void* function, std::function<Work(void**)> with_arguments) {
  state().kernels[function] = {.with_arguments = std::move(with_arguments)};
}

}  // namespace lrcn::test::stand_in

using namespace lrcn::test::stand_in;

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  return call("cudaFuncSetAttribute", [&] {
    const auto found = state().kernels.find(function);
    if (found == state().kernels.end()) {
      return cudaErrorInvalidDeviceFunction;
    }
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
        value > kMostSharedMemory) {
      return cudaErrorInvalidValue;
    }
    found->second.most_shared = value;
    return cudaSuccess;
  });
}

cudaError_t cudaFuncGetName(const char** name, const void* function) {
  return call("cudaFuncGetName", [&] {
    if (!state().kernels.contains(function)) {
      return cudaErrorInvalidDeviceFunction;
    }
    *name = "_Z15stand_in_kernelv";
    return cudaSuccess;
  });
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* function,
                                void** arguments) {
  return call("cudaLaunchKernelExC", [&] {
    const auto found = state().kernels.find(function);
    Stream* stream = find_stream(config->stream);
    if (found == state().kernels.end() || stream == nullptr) {
      return cudaErrorInvalidDeviceFunction;
    }
    if (stream->device != current_device()) {
      return cudaErrorInvalidResourceHandle;
    }
    const dim3 grid = config->gridDim;
    const dim3 block = config->blockDim;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x * block.y * block.z > 1024) {
      return cudaErrorInvalidConfiguration;
    }
    if (config->dynamicSmemBytes > std::size_t(found->second.most_shared)) {
      return cudaErrorInvalidValue;
    }
    for (unsigned i = 0; i < config->numAttrs; ++i) {
      if (config->attrs[i].id == cudaLaunchAttributeCooperative &&
          config->attrs[i].val.cooperative != 0 &&
          grid.x * grid.y * grid.z > unsigned(state().machine.resident_blocks)) {
        return cudaErrorCooperativeLaunchTooLarge;
      }
    }
    return give(*stream, found->second.with_arguments(arguments));  // taken at the launch
  });
}
