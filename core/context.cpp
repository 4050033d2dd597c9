#include "core/context.h"

#include <utility>

#include "core/error.h"

#if LRCN_HAS_CUDA
#include "core/cuda/stream.h"
#endif

namespace lrcn {

Context::Context(Device device) : device_(device) {
  if (device.is_cpu()) {
    step_state_ = std::make_shared<StepState>();
    return;
  }
#if LRCN_HAS_CUDA
  stream_ = cuda::create_stream(device);
  step_state_ = cuda::create_step_state(device);
#else
  fail<DeviceError>("device: ", device,
                    " was asked for, but this build has no CUDA support; use --device cpu or "
                    "configure with -DLRCN_CUDA=ON");
#endif
}

Context::~Context() {
  handles_.clear();
#if LRCN_HAS_CUDA
  if (stream_ != nullptr) {
    cuda::destroy_stream(stream_);
  }
#endif
}

Context::Context(Context&& other) noexcept
    : device_(other.device_),
      stream_(std::exchange(other.stream_, nullptr)),
      step_state_(std::move(other.step_state_)),
      handles_(std::move(other.handles_)) {}

Context& Context::operator=(Context&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(stream_, other.stream_);
  std::swap(step_state_, other.step_state_);
  std::swap(handles_, other.handles_);
  return *this;
}

void Context::synchronize() const {
#if LRCN_HAS_CUDA
  if (stream_ != nullptr) {
    cuda::synchronize(stream_);
  }
#endif
}

}  // namespace lrcn
