#include "core/context.h"

#include <utility>

#include "core/error.h"

#if LRCN_HAS_CUDA
#include "core/cuda/stream.h"
#include "core/step_state_uploads.h"
#endif

namespace lrcn {

Context::Context(Device device)
    : device_(device),
      stream_(open_stream(device)),
      step_state_(Buffer::allocate(device, sizeof(StepState))) {
  set_step_state({});
}

Context& Context::operator=(Context&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(precision_, other.precision_);
  std::swap(checks_launches_, other.checks_launches_);
  std::swap(provider_, other.provider_);
  std::swap(stream_, other.stream_);
  std::swap(step_state_, other.step_state_);
  std::swap(handles_, other.handles_);
  return *this;
}

Context::Stream Context::open_stream(Device device) {
  if (device.is_cpu()) {
    return {nullptr, [](void*) noexcept {}};
  }
#if LRCN_HAS_CUDA
  return {cuda::create_stream(device), cuda::destroy_stream};
#else
  fail<DeviceError>("device: ", device,
                    " was asked for, but this build has no CUDA support; use --device cpu or "
                    "configure with -DLRCN_CUDA=ON");
#endif
}

void Context::set_step_state(const StepState& state) {
#if LRCN_HAS_CUDA
  if (device_.is_cuda()) {
    handle<StepStateUploads>().enqueue(*this, state);
    return;
  }
#endif
  *step_state_memory() = state;
}

StepState Context::download_step_state() const {
  StepState state;
#if LRCN_HAS_CUDA
  cuda::download_in_order(*this, &state, step_state_memory(), sizeof(StepState));
#endif
  return state;
}

void Context::synchronize() const {
#if LRCN_HAS_CUDA
  if (device_.is_cuda()) {
    cuda::synchronize(*this);
  }
#endif
}

}  // namespace lrcn
