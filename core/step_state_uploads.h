// Step states on their way to a device.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/context.h"

namespace lrcn {

namespace cuda {
class Event;
}

// context.handle<StepStateUploads>() of a CUDA context. A copy to a device may read its source long
// after it was given, so each state has a page-locked slot of its own.
class StepStateUploads {
 public:
  explicit StepStateUploads(Context& context);
  ~StepStateUploads();
  StepStateUploads(const StepStateUploads&) = delete;
  StepStateUploads& operator=(const StepStateUploads&) = delete;

  // Behind everything given to the context so far. Waits only where the device is as many states
  // behind as there are slots. Throws DeviceError when the device fails or work is being recorded.
  void enqueue(const Context& context, const StepState& state);

 private:
  Buffer slots_;                                    // StepState [kSlots]
  std::vector<std::unique_ptr<cuda::Event>> sent_;  // [kSlots]: the copy from the slot has ended
  std::uint64_t count_ = 0;                         // of all states so far
};

}  // namespace lrcn
