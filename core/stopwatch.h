// How long work takes: by the clock of the host on the CPU, by events in the stream on a GPU.
#pragma once

#include <memory>

#include "core/context.h"

namespace lrcn {

class Stopwatch {
 public:
  // The context must outlive it. Throws DeviceError when the device fails, as both calls do.
  explicit Stopwatch(Context& context);
  ~Stopwatch();
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  void start();
  // Milliseconds that the work given to the context since start() took. Waits for its end.
  double stop();

 private:
  struct Clock;

  std::unique_ptr<Clock> clock_;
};

// Whether times on this device are those of hardware; not on an emulated device.
bool has_real_time(Device device);

}  // namespace lrcn
