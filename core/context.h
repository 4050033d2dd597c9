// Where an operation runs: first argument of every op.
#pragma once

#include <cstdint>
#include <memory>
#include <typeindex>
#include <typeinfo>
#include <unordered_map>

#include "core/device.h"

namespace lrcn {

// What changes from step to step. It lives in memory of the device and kernels read it by pointer,
// so that a captured graph of kernels needs no new arguments (docs/design/step_state.md).
struct StepState {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;      // counts optimizer steps; part of the key of every random draw
  float learning_rate = 0.0f;  // after schedule and warm-up
  float gradient_scale =
      1.0f;  // clipping and accumulation, applied when the optimizer reads gradients
};

class Context {
 public:
  // A context for `device`. Throws DeviceError when the device does not exist or is not supported
  // by this build.
  explicit Context(Device device);
  ~Context();
  Context(Context&&) noexcept;
  Context& operator=(Context&&) noexcept;

  Device device() const { return device_; }
  // cudaStream_t of a CUDA context, nullptr on the CPU.
  void* stream() const { return stream_; }
  // Host memory on the CPU, device memory on CUDA.
  StepState& step_state() const { return *step_state_; }

  // The one object of type T that a backend keeps for this context (library handles), made from the
  // context at first use. Look it up while planning, not in every step.
  template <class T>
  T& handle() {
    auto& slot = handles_[std::type_index(typeid(T))];
    if (slot == nullptr) {
      slot = std::make_shared<T>(*this);
    }
    return *static_cast<T*>(slot.get());
  }

  // Waits until everything given to the stream has been done. Throws DeviceError when it failed.
  void synchronize() const;

 private:
  Device device_;
  void* stream_ = nullptr;
  std::shared_ptr<StepState> step_state_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> handles_;
};

}  // namespace lrcn
