// Copies to a device that run beside the kernels of a context.
//
// The emulated device keeps such a copy back until somebody waits for it, and fills its target with
// 0xff meanwhile: who forgets to wait sees that in the result.
#pragma once

#include <cstddef>

#include "core/context.h"

namespace lrcn::cuda {

// A second stream on the device of a context: context.handle<CopyStream>(). Events (event.h) put it
// in order with the first. The functions throw DeviceError when the device fails, possibly at work
// that was given to it earlier.
class CopyStream {
 public:
  explicit CopyStream(Context& context);
  ~CopyStream();
  CopyStream(const CopyStream&) = delete;
  CopyStream& operator=(const CopyStream&) = delete;

  void* stream() const { return stream_; }  // cudaStream_t
  // Copies from page-locked memory, which must stay as it is until the copy has ended.
  void enqueue_upload(void* target, const void* pinned, std::size_t bytes);

 private:
  Device device_;
  void* stream_;
};

}  // namespace lrcn::cuda
