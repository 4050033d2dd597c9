// Marks in the work given to a device: the time between two of them, and the order of its streams.
#pragma once

#include "core/context.h"

namespace lrcn::cuda {

// An emulated device keeps the time of the host, which says nothing about a GPU.
class Event {
 public:
  enum class Use { timing, order };  // one for order alone costs the device less

  // All but the destructor throw DeviceError when the device fails. A stream is a cudaStream_t.
  explicit Event(Device device, Use use = Use::timing);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Behind everything given to the stream, or to the context's, so far.
  void record(void* stream);
  void record(const Context& context) { record(context.stream()); }
  // What is given to the stream from now on waits until the device has come to this event, recorded
  // before on another stream.
  void enqueue_wait(void* stream) const;
  // Waits until the device has come to this event, recorded before.
  void wait() const;
  // Milliseconds from the other event to this one, both for timing and reached.
  double milliseconds_since(const Event& begin) const;

 private:
  Device device_;
  void* event_ = nullptr;  // cudaEvent_t
};

}  // namespace lrcn::cuda
