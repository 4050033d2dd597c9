// Streams of the emulated device: launches return when the kernel has run, so that the only order
// to keep is that of copies beside them.
#include "core/cuda/stream.h"

#include <cstring>

#include "core/cuda/device_info.h"
#include "core/cuda/emulated/stream.h"

namespace lrcn::cuda {

void* create_stream(Device device) {
  check_device(device);
  return new EmulatedStream();
}

void destroy_stream(void* stream) noexcept { delete static_cast<EmulatedStream*>(stream); }

void synchronize(const Context&) {}

void enqueue_set_bytes(const Context&, void* target, std::uint8_t value, std::size_t bytes) {
  std::memset(target, value, bytes);
}

void enqueue_copy(const Context&, void* target, const void* source, std::size_t bytes) {
  std::memmove(target, source, bytes);
}

void enqueue_upload(const Context&, void* target, const void* host, std::size_t bytes) {
  std::memcpy(target, host, bytes);
}

void download_in_order(const Context&, void* host, const void* source, std::size_t bytes) {
  std::memcpy(host, source, bytes);
}

}  // namespace lrcn::cuda
