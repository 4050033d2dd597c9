#include "kernels/cuda/emulator/emulator.h"

#include "core/error.h"
#include "kernels/cuda/emulator/bank_traffic.h"
#include "kernels/cuda/emulator/fiber.h"
#include "kernels/cuda/emulator/grid.h"

namespace lrcn::cuda::emulator {
namespace {

// The limits of compute capability 9.0.
void check_shape(const LaunchShape& shape) {
  const dim3 grid = shape.grid;
  const dim3 block = shape.block;
  constexpr unsigned kMostBlocks = 0x7fffffffu;
  constexpr unsigned kMostRows = 65535;
  constexpr std::size_t kMostThreads = 1024;
  constexpr std::size_t kMostShared = std::size_t(227) << 10;
  const std::size_t threads = std::size_t(block.x) * block.y * block.z;
  check<DeviceError>(grid.x <= kMostBlocks && grid.y <= kMostRows && grid.z <= kMostRows,
                     "launch: no device takes a grid of ", grid.x, " x ", grid.y, " x ", grid.z);
  check<DeviceError>(threads >= 1 && threads <= kMostThreads && block.z <= 64,
                     "launch: no device takes a block of ", block.x, " x ", block.y, " x ",
                     block.z);
  check<DeviceError>(shape.shared_bytes <= kMostShared, "launch: no device has ",
                     shape.shared_bytes, " bytes of shared memory for a block");
}

}  // namespace

Emulator::Emulator(Context&) {}
Emulator::~Emulator() = default;

void Emulator::run(const LaunchShape& shape, const std::function<void()>& kernel) {
  check_shape(shape);
  const std::size_t blocks = std::size_t(shape.grid.x) * shape.grid.y * shape.grid.z;
  check<DeviceError>(!shape.cooperative || blocks <= cooperative_blocks,
                     "launch: the device cannot run ", blocks, " blocks at the same time, only ",
                     cooperative_blocks);
  Grid(*this, shape, kernel).run();
  if (bank_traffic != nullptr) {
    bank_traffic->settle();
  }
}

Fiber& Emulator::take_fiber() {
  if (idle_.empty()) {
    return add_fiber();
  }
  Fiber& fiber = *idle_.back();
  idle_.pop_back();
  return fiber;
}

Fiber& Emulator::fiber(std::size_t index) {
  while (fibers_.size() <= index) {
    add_fiber();
  }
  return *fibers_[index];
}

Fiber& Emulator::add_fiber() {
  return *fibers_.emplace_back(
      std::make_unique<Fiber>([this](Fiber& fiber) { grid_->run_threads(fiber); }));
}

}  // namespace lrcn::cuda::emulator
