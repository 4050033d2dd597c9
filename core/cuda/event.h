// Marks in the work given to a device, and the time between two of them.
#pragma once

#include "core/context.h"

namespace lrcn::cuda {

// An emulated device keeps the time of the host, which says nothing about a GPU.
class Event {
 public:
  // All but the destructor throw DeviceError when the device fails.
  explicit Event(Device device);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Behind everything given to the context so far.
  void record(const Context& context);
  // Waits until the device has come to this event, recorded before.
  void wait() const;
  // Milliseconds from the other event to this one, both reached.
  double milliseconds_since(const Event& begin) const;

 private:
  Device device_;
  void* event_ = nullptr;  // cudaEvent_t
};

}  // namespace lrcn::cuda
