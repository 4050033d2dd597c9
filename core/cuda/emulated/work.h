// The queue behind a stream of the emulated device: empty, because work is done when it is given,
// unless it is being recorded. Copies that run beside it (core/cuda/copy_stream.h) are done late.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/context.h"
#include "core/cuda/emulated/late_copies.h"

namespace lrcn::cuda {

using EmulatedWork = std::vector<std::function<void()>>;

struct EmulatedStream {
  EmulatedWork* recording = nullptr;
  // Shared with the events recorded on the stream, which may outlive it.
  std::shared_ptr<LateCopies> copies = std::make_shared<LateCopies>();
};

inline EmulatedStream& emulated_stream(void* stream) {
  return *static_cast<EmulatedStream*>(stream);
}
inline EmulatedStream& emulated_stream(const Context& context) {
  return emulated_stream(context.stream());
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
