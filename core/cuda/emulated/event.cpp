// Events of the emulated device: work has been done when it was given, so the clock of the host
// tells when an event was recorded.
#include "core/cuda/event.h"

#include <chrono>

#include "core/cuda/device_info.h"

namespace lrcn::cuda {
namespace {

using Time = std::chrono::steady_clock::time_point;

Time& time_of(void* event) { return *static_cast<Time*>(event); }

}  // namespace

Event::Event(Device device) : device_(device) {
  check_device(device);
  event_ = new Time(std::chrono::steady_clock::now());
}

Event::~Event() { delete static_cast<Time*>(event_); }

void Event::record(const Context&) { time_of(event_) = std::chrono::steady_clock::now(); }

void Event::wait() const {}

double Event::milliseconds_since(const Event& begin) const {
  const auto time = time_of(event_) - time_of(begin.event_);
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace lrcn::cuda
