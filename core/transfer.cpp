#include "core/transfer.h"

#include <cstring>

#include "core/error.h"

#if LRCN_HAS_CUDA
#include "core/cuda/memory.h"
#include "core/cuda/stream.h"
#endif

namespace lrcn {

void upload(const Tensor& target, const void* host) {
  if (target.bytes() == 0) {
    return;
  }
  if (target.device.is_cpu()) {
    std::memcpy(target.data, host, target.bytes());
    return;
  }
#if LRCN_HAS_CUDA
  cuda::copy_to_device(target.device, target.data, host, target.bytes());
#else
  fail<DeviceError>("upload: this build has no CUDA support");
#endif
}

void download(void* host, const Tensor& source) {
  if (source.bytes() == 0) {
    return;
  }
  if (source.device.is_cpu()) {
    std::memcpy(host, source.data, source.bytes());
    return;
  }
#if LRCN_HAS_CUDA
  cuda::copy_to_host(source.device, host, source.data, source.bytes());
#else
  fail<DeviceError>("download: this build has no CUDA support");
#endif
}

void set_bytes(Context& context, const Tensor& target, std::uint8_t value) {
  (void)context;  // only CUDA has an order to keep
  if (target.bytes() == 0) {
    return;
  }
  if (target.device.is_cpu()) {
    std::memset(target.data, value, target.bytes());
    return;
  }
#if LRCN_HAS_CUDA
  cuda::enqueue_set_bytes(context, target.data, value, target.bytes());
#else
  fail<DeviceError>("set_bytes: this build has no CUDA support");
#endif
}

}  // namespace lrcn
