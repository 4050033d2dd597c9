// What a stream of the emulated device is.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/cuda/emulated/late_copies.h"

namespace lrcn::cuda {

using EmulatedWork = std::vector<std::function<void()>>;

// Work is done when it is given, but for copies that may run beside it, and unless it is recorded.
// Events that were recorded on a stream may outlive it.
struct EmulatedStream {
  EmulatedWork* recording = nullptr;
  std::shared_ptr<LateCopies> copies = std::make_shared<LateCopies>();
};

inline EmulatedStream& emulated_stream(void* stream) {
  return *static_cast<EmulatedStream*>(stream);
}

}  // namespace lrcn::cuda
