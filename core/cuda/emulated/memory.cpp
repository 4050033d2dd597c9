// Memory of the emulated device: each allocation is a heap block of its exact size, so that
// AddressSanitizer finds kernels that leave it.
#include "core/cuda/memory.h"

#include <cstdlib>
#include <cstring>

#include "core/cuda/device_info.h"
#include "core/cuda/emulated/device.h"
#include "core/cuda/emulated/work.h"
#include "core/error.h"

namespace lrcn::cuda {

std::byte* allocate(Device device, std::size_t bytes) {
  check_device(device);
  refuse_while_recording("allocation");
  constexpr std::size_t kAlignment = 256;
  void* memory = nullptr;
  const bool fits = bytes <= kEmulatedMemory && posix_memalign(&memory, kAlignment, bytes) == 0;
  check<MemoryError>(fits, "memory of ", device, ": ", bytes, " bytes (", bytes >> 20,
                     " MiB) could not be had");
  std::memset(memory, 0, bytes);
  return static_cast<std::byte*>(memory);
}

void release(std::byte* memory, std::size_t) noexcept { std::free(memory); }

std::byte* allocate_pinned(std::size_t bytes) { return allocate(Device::cuda(0), bytes); }

void release_pinned(std::byte* memory, std::size_t) noexcept { std::free(memory); }

void copy_to_device(Device, void* target, const void* host, std::size_t bytes) {
  refuse_while_recording("upload");
  std::memcpy(target, host, bytes);
}

void copy_to_host(Device, void* host, const void* source, std::size_t bytes) {
  refuse_while_recording("download");
  std::memcpy(host, source, bytes);
}

}  // namespace lrcn::cuda
