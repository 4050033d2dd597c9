// The queue behind a stream of the emulated device: empty, because work is done when it is given,
// unless it is being recorded.
#pragma once

#include <functional>
#include <vector>

#include "core/context.h"

namespace lrcn::cuda {

using EmulatedWork = std::vector<std::function<void()>>;

struct EmulatedStream {
  EmulatedWork* recording = nullptr;
};

inline EmulatedStream& emulated_stream(const Context& context) {
  return *static_cast<EmulatedStream*>(context.stream());
}

// Does the work, or records it.
inline void give_work(const Context& context, std::function<void()> work) {
  if (EmulatedWork* const recording = emulated_stream(context).recording) {
    recording->push_back(std::move(work));
  } else {
    work();
  }
}

// As CUDA does for a thread that is recording. Throws DeviceError.
void refuse_while_recording(const char* what);

}  // namespace lrcn::cuda
