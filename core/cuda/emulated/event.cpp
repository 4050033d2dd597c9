// Events of the emulated device: work has been done when it was given, so the clock of the host
// tells when an event was recorded. Only copies that run beside it have to be waited for.
#include "core/cuda/event.h"

#include <chrono>

#include "core/cuda/device_info.h"
#include "core/cuda/emulated/work.h"

namespace lrcn::cuda {
namespace {

struct Mark {
  std::chrono::steady_clock::time_point time = std::chrono::steady_clock::now();
  std::shared_ptr<LateCopies> copies;
  std::uint64_t before = 0;  // copies in front of the event
};

Mark& mark_of(void* event) { return *static_cast<Mark*>(event); }

}  // namespace

Event::Event(Device device, Use) : device_(device) {
  check_device(device);
  event_ = new Mark();
}

Event::~Event() { delete static_cast<Mark*>(event_); }

void Event::record(void* stream) {
  Mark& mark = mark_of(event_);
  mark.time = std::chrono::steady_clock::now();
  mark.copies = emulated_stream(stream).copies;
  mark.before = mark.copies->given();
}

void Event::enqueue_wait(void*) const { wait(); }

void Event::wait() const {
  refuse_while_recording("wait for an event");
  const Mark& mark = mark_of(event_);
  if (mark.copies != nullptr) {
    mark.copies->complete(mark.before);
  }
}

double Event::milliseconds_since(const Event& begin) const {
  const auto time = mark_of(event_).time - mark_of(begin.event_).time;
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace lrcn::cuda
