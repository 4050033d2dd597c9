// Where an operation runs: first argument of every op.
#pragma once

#include <cstdint>
#include <memory>
#include <typeindex>
#include <typeinfo>
#include <unordered_map>

#include "core/buffer.h"
#include "core/precision.h"
#include "core/provider.h"

namespace lrcn {

// What changes from step to step. It lives in memory of the device and kernels read it by pointer,
// so that a captured graph of kernels needs no new arguments (docs/design/step_state.md).
struct StepState {
  std::uint64_t seed = 0;
  std::uint64_t step = 0;      // counts optimizer steps; part of the key of every random draw
  float learning_rate = 0.0f;  // after schedule and warm-up
  // Clipping and accumulation, applied when the optimizer reads gradients. NaN: no update.
  float gradient_scale = 1.0f;
};

class Context {
 public:
  // A context for `device`. Throws DeviceError when the device does not exist or is not supported
  // by this build.
  explicit Context(Device device);
  Context(Context&&) noexcept = default;
  Context& operator=(Context&&) noexcept;

  Device device() const { return device_; }
  // cudaStream_t of a CUDA context, nullptr on the CPU.
  void* stream() const { return stream_.get(); }

  // How the products of what is planned from now on may be computed; f32 unless set.
  Precision precision() const { return precision_; }
  void set_precision(Precision precision) { precision_ = precision; }

  // Whether each kernel is waited for, so that an error names the kernel that made it. Without, the
  // error of a kernel shows later, at whatever waits for the device. Slow: to look for a mistake.
  bool checks_launches() const { return checks_launches_; }
  void set_checks_launches(bool checks) { checks_launches_ = checks; }

  // Whose kernels what is planned from now on may use; automatic unless set.
  Provider provider() const { return provider_; }
  void set_provider(Provider provider) { provider_ = provider; }

  // What an operation given to this context next would read. Waits for the work of a device.
  const StepState step_state() const {
    return device_.is_cpu() ? *step_state_memory() : download_step_state();
  }
  // For the operations given to this context from now on; those given before keep what they had.
  void set_step_state(const StepState& state);
  // Where operations find it and may change it: memory of the device, the same as long as the
  // context lives.
  StepState* step_state_memory() const { return reinterpret_cast<StepState*>(step_state_.data()); }

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
  using Stream = std::unique_ptr<void, void (*)(void*) noexcept>;

  static Stream open_stream(Device device);
  StepState download_step_state() const;

  Device device_;
  Precision precision_ = Precision::f32;
  bool checks_launches_ = false;
  Provider provider_ = Provider::automatic;
  Stream stream_;
  Buffer step_state_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> handles_;
};

}  // namespace lrcn
