// Work of a context recorded as a CUDA graph.
#pragma once

#include <functional>
#include <memory>

#include "core/context.h"

namespace lrcn::cuda {

class Recording {
 public:
  // Calls `give`; what it gives to the context is recorded and not done. Throws what `give` throws,
  // and DeviceError when it does what a recording cannot hold: wait for the device, copy from or to
  // the host, allocate memory. The context is as before then. Meanwhile no other thread may wait
  // for the whole device, as upload() and download() do: both would get a DeviceError.
  Recording(const Context& context, const std::function<void()>& give);

  // Gives the work to the context, with the arguments it was recorded with. Throws DeviceError.
  void launch(const Context& context) const;

 private:
  std::unique_ptr<void, void (*)(void*) noexcept> graph_;  // cudaGraphExec_t
};

}  // namespace lrcn::cuda
