// Streams of the emulated device: work is done when it is given, so that the only order to keep is
// that of copies beside it.
#include "core/cuda/stream.h"

#include <cstring>

#include "core/cuda/device_info.h"
#include "core/cuda/emulated/work.h"

namespace lrcn::cuda {

void* create_stream(Device device) {
  check_device(device);
  return new EmulatedStream();
}

void destroy_stream(void* stream) noexcept { delete static_cast<EmulatedStream*>(stream); }

void synchronize(const Context&) { refuse_while_recording("wait for a device"); }

void enqueue_set_bytes(const Context& context, void* target, std::uint8_t value,
                       std::size_t bytes) {
  give_work(context, [=] { std::memset(target, value, bytes); });
}

void enqueue_copy(const Context& context, void* target, const void* source, std::size_t bytes) {
  give_work(context, [=] { std::memmove(target, source, bytes); });
}

void enqueue_upload(const Context&, void* target, const void* pinned, std::size_t bytes) {
  refuse_while_recording("upload");
  std::memcpy(target, pinned, bytes);
}

void enqueue_download(const Context&, void* pinned, const void* source, std::size_t bytes) {
  refuse_while_recording("download");
  std::memcpy(pinned, source, bytes);
}

void download_in_order(const Context&, void* host, const void* source, std::size_t bytes) {
  refuse_while_recording("download");
  std::memcpy(host, source, bytes);
}

}  // namespace lrcn::cuda
