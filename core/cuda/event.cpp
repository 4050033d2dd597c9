#include "core/cuda/event.h"

#include "core/cuda/device_scope.h"

namespace lrcn::cuda {
namespace {

cudaEvent_t event_of(void* event) { return static_cast<cudaEvent_t>(event); }

}  // namespace

Event::Event(Device device, Use use) : device_(device) {
  const DeviceScope scope(device);
  const unsigned flags = use == Use::timing ? cudaEventDefault : cudaEventDisableTiming;
  cudaEvent_t event = nullptr;
  cuda_check(cudaEventCreateWithFlags(&event, flags), "event of ", device);
  event_ = event;
}

Event::~Event() {
  if (cudaEventDestroy(event_of(event_)) != cudaSuccess) {
    cudaGetLastError();
  }
}

void Event::record(void* stream) {
  const DeviceScope scope(device_);
  cuda_check(cudaEventRecord(event_of(event_), static_cast<cudaStream_t>(stream)), "event of ",
             device_);
}

void Event::enqueue_wait(void* stream) const {
  const DeviceScope scope(device_);
  cuda_check(cudaStreamWaitEvent(static_cast<cudaStream_t>(stream), event_of(event_), 0),
             "order of streams, ", device_);
}

void Event::wait() const {
  cuda_check(cudaEventSynchronize(event_of(event_)), "work given to ", device_);
}

double Event::milliseconds_since(const Event& begin) const {
  float milliseconds = 0.0f;
  cuda_check(cudaEventElapsedTime(&milliseconds, event_of(begin.event_), event_of(event_)),
             "time between events of ", device_);
  return double(milliseconds);
}

}  // namespace lrcn::cuda
