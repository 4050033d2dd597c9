// Runs kernels on the CPU: each CUDA thread is a fiber, and all of them share one thread of the
// host. See docs/design/emulator.md.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include "core/context.h"
#include "kernels/cuda/emulator/schedule.h"
#include "kernels/cuda/launch_shape.h"

namespace lrcn::cuda::emulator {

class BankTraffic;
class Fiber;
class Grid;

// The device behind one context: context.handle<Emulator>().
class Emulator {
 public:
  explicit Emulator(Context&);
  ~Emulator();

  // For the launches to come.
  Schedule schedule;
  // The most blocks that a cooperative launch may have.
  unsigned cooperative_blocks = 16;
  // Counts what launches do, where there is one.
  BankTraffic* bank_traffic = nullptr;

  // Calls `kernel` for every thread of the grid. Throws DeviceError for a shape that no GPU takes,
  // and when threads misuse a barrier or an operation of their warp, read lanes that take no part,
  // or wait for ever; the message names the source lines.
  void run(const LaunchShape& shape, const std::function<void()>& kernel);

 private:
  friend class Grid;

  Fiber& take_fiber();              // an idle one
  Fiber& fiber(std::size_t index);  // for ever the same
  Fiber& add_fiber();

  Grid* grid_ = nullptr;  // while running
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
};

}  // namespace lrcn::cuda::emulator
