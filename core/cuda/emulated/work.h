// How work is given to the emulated device.
#pragma once

#include <functional>

#include "core/context.h"
#include "core/cuda/emulated/stream.h"

namespace lrcn::cuda {

// Does the work, or records it.
inline void give_work(const Context& context, std::function<void()> work) {
  if (EmulatedWork* const recording = emulated_stream(context.stream()).recording) {
    recording->push_back(std::move(work));
  } else {
    work();
  }
}

// As CUDA does for a thread that is recording. Throws DeviceError.
void refuse_while_recording(const char* what);

}  // namespace lrcn::cuda
