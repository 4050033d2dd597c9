// Kernels whose blocks wait for each other.
#include "kernels/cuda/cooperative.h"

#include <gtest/gtest.h>

#include "tests/emulator/emulated_device.h"

namespace lrcn::test {
namespace {

using cuda::grid_sync;
using cuda::GridBarrier;
using cuda::LaunchShape;

class EmulatedCooperative : public EmulatedDevice {
 protected:
  cuda::emulator::Emulator& emulator() { return context_.handle<cuda::emulator::Emulator>(); }

  template <class... Parameters, class... Arguments>
  std::string cooperative_failure(const LaunchShape& shape, void (*kernel)(Parameters...),
                                  Arguments... arguments) {
    try {
      cuda::launch_cooperative(context_, shape, kernel, arguments...);
      return "(none)";
    } catch (const DeviceError& error) {
      return error.what();
    }
  }

  GridBarrier barrier_ = cuda::grid_barrier(context_);
};

// A step adds the values of the block before and the block after; x: [2, blocks, threads].
__global__ void neighbours_kernel(GridBarrier barrier, std::int32_t* x, int steps) {
  const unsigned blocks = gridDim.x;
  const unsigned threads = blockDim.x;
  const auto at = [=](int step, unsigned block) {
    return (unsigned(step) % 2 * blocks + block % blocks) * threads + threadIdx.x;
  };
  x[at(0, blockIdx.x)] = std::int32_t(blockIdx.x + threadIdx.x);
  for (int step = 0; step < steps; ++step) {
    grid_sync(barrier);
    x[at(step + 1, blockIdx.x)] =
        (x[at(step, blockIdx.x + blocks - 1)] + x[at(step, blockIdx.x + 1)]) % 1000;
  }
}

TEST_F(EmulatedCooperative, AllBlocksMeetAtABarrierOfTheGrid) {
  constexpr unsigned kBlocks = 5;
  constexpr unsigned kThreads = 40;
  constexpr int kSteps = 7;
  std::vector<std::int32_t> want(kBlocks * kThreads);
  for (unsigned t = 0; t < kThreads; ++t) {
    std::vector<std::int32_t> x(kBlocks);
    for (unsigned b = 0; b < kBlocks; ++b) {
      x[b] = std::int32_t(b + t);
    }
    for (int step = 0; step < kSteps; ++step) {
      std::vector<std::int32_t> next(kBlocks);
      for (unsigned b = 0; b < kBlocks; ++b) {
        next[b] = (x[(b + kBlocks - 1) % kBlocks] + x[(b + 1) % kBlocks]) % 1000;
      }
      x = next;
    }
    for (unsigned b = 0; b < kBlocks; ++b) {
      want[b * kThreads + t] = x[b];
    }
  }
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* x = integers(2 * kBlocks * kThreads);
    cuda::launch_cooperative(context_, {.grid = kBlocks, .block = kThreads}, neighbours_kernel,
                             barrier_, x, kSteps);
    EXPECT_EQ(read(x + kSteps % 2 * kBlocks * kThreads, kBlocks * kThreads), want);
  }
}

TEST_F(EmulatedCooperative, TheDeviceTellsHowManyBlocksFit) {
  const auto* kernel = reinterpret_cast<const void*>(neighbours_kernel);
  emulator().cooperative_blocks = 3;
  EXPECT_EQ(cuda::most_resident_blocks(context_, kernel, 32, 0), 3u);
  std::int32_t* x = integers(2 * 4 * 32);
  EXPECT_EQ(cooperative_failure({.grid = 3, .block = 32}, neighbours_kernel, barrier_, x, 1),
            "(none)");
  EXPECT_NE(cooperative_failure({.grid = 4, .block = 32}, neighbours_kernel, barrier_, x, 1)
                .find("4 blocks"),
            std::string::npos);
}

TEST_F(EmulatedCooperative, OtherLaunchesHaveNoBarrierOfTheGrid) {
  std::int32_t* x = integers(2 * 2 * 32);
  EXPECT_NE(failure(2, 32, 0, neighbours_kernel, barrier_, x, 1).find("not cooperative"),
            std::string::npos);
}

constexpr unsigned kMissedLine = __LINE__ + 3;
__global__ void missed_kernel(GridBarrier barrier) {
  if (blockIdx.x != 2) {
    grid_sync(barrier);
  }
}

TEST_F(EmulatedCooperative, ABlockThatDoesNotComeIsADeadlock) {
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    const std::string message =
        cooperative_failure({.grid = 3, .block = 32}, missed_kernel, barrier_);
    EXPECT_NE(message.find("deadlock"), std::string::npos) << message;
    EXPECT_NE(message.find(at_line(kMissedLine)), std::string::npos) << message;
  }
}

constexpr unsigned kFirstSync = __LINE__ + 3;
__global__ void divergent_kernel(GridBarrier barrier) {
  if (blockIdx.x == 0) {
    grid_sync(barrier);
  } else {
    grid_sync(barrier);
  }
}

TEST_F(EmulatedCooperative, ADivergentBarrierOfTheGridNamesBothLines) {
  const std::string message =
      cooperative_failure({.grid = 2, .block = 32}, divergent_kernel, barrier_);
  EXPECT_NE(message.find("divergent grid barrier"), std::string::npos) << message;
  EXPECT_NE(message.find(at_line(kFirstSync)), std::string::npos) << message;
  EXPECT_NE(message.find(at_line(kFirstSync + 2)), std::string::npos) << message;
}

}  // namespace
}  // namespace lrcn::test
