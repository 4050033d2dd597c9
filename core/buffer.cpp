#include "core/buffer.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

#if LRCN_HAS_CUDA
#include "core/cuda/memory.h"
#endif

namespace lrcn {
namespace {

// Anonymous pages: zero-filled by the kernel only when touched, and huge when they are many.
std::byte* map_pages(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check<MemoryError>(memory != MAP_FAILED, "host memory: ", bytes, " bytes (",
                     bytes / (1024 * 1024), " MiB) could not be had: ", std::strerror(errno));
  constexpr std::size_t kHugePage = std::size_t(2) << 20;
  if (bytes >= 2 * kHugePage) {
    madvise(memory, bytes, MADV_HUGEPAGE);  // advice only: without huge pages all still works
  }
  return static_cast<std::byte*>(memory);
}

void unmap_pages(std::byte* memory, std::size_t bytes) { munmap(memory, bytes); }

}  // namespace

Buffer::Buffer(std::byte* memory, std::size_t bytes, Release release, Kind kind, Device device)
    : memory_(memory, Deleter{release, bytes}), bytes_(bytes), kind_(kind), device_(device) {}

Buffer Buffer::allocate(Device device, std::size_t bytes) {
  if (bytes == 0) {
    return {nullptr, 0, nullptr, device.is_cpu() ? Kind::host : Kind::device, device};
  }
  if (device.is_cpu()) {
    return {map_pages(bytes), bytes, unmap_pages, Kind::host, device};
  }
#if LRCN_HAS_CUDA
  return {cuda::allocate(device, bytes), bytes, cuda::release, Kind::device, device};
#else
  fail<DeviceError>("device memory: this build has no CUDA support, asked for ", device);
#endif
}

Buffer Buffer::allocate_pinned(std::size_t bytes) {
  if (bytes == 0) {
    return {};
  }
#if LRCN_HAS_CUDA
  if (std::byte* memory = cuda::allocate_pinned(bytes)) {
    return {memory, bytes, cuda::release_pinned, Kind::pinned, Device::cpu()};
  }
#endif
  return {map_pages(bytes), bytes, unmap_pages, Kind::host, Device::cpu()};
}

Tensor Buffer::view(std::size_t offset, const TensorSpec& spec) const {
  check(offset <= bytes_ && spec.bytes() <= bytes_ - offset, "buffer: ", spec, " at byte ", offset,
        " does not fit into ", bytes_, " bytes");
  return {memory_ == nullptr ? nullptr : memory_.get() + offset, spec, device_};
}

}  // namespace lrcn
