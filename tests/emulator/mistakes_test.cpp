// Kernels with a mistake each, and how the emulator shows it.
#include <gtest/gtest.h>

#include <set>

#include "kernels/cuda/ptx.h"
#include "tests/emulator/emulated_device.h"

namespace lrcn::test {
namespace {

using cuda::__syncthreads;
using cuda::dynamic_shared;

class EmulatedMistake : public EmulatedDevice {
 protected:
  void expect_named(const std::string& message, const std::string& mistake, unsigned line) {
    EXPECT_NE(message.find(mistake), std::string::npos) << message;
    EXPECT_NE(message.find(at_line(line)), std::string::npos) << message << "\nline " << line;
  }
};

// Between the two lines stands no __syncthreads().
__global__ void missing_barrier_kernel(std::int32_t* y) {
  auto* shared = dynamic_shared<std::int32_t>();
  shared[threadIdx.x] = std::int32_t(threadIdx.x);
  y[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

TEST_F(EmulatedMistake, AMissingBarrierGivesOtherResultsInOtherOrders) {
  std::set<std::vector<std::int32_t>> results;
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(64);
    cuda::launch(context_, dim3(1), dim3(64), 256, missing_barrier_kernel, y);
    results.insert(read(y, 64));
  }
  EXPECT_GT(results.size(), 3u);
}

// Reads what the block before has written, though nothing orders blocks.
__global__ void chained_blocks_kernel(std::int32_t* y) {
  y[blockIdx.x] = (blockIdx.x == 0 ? 0 : y[blockIdx.x - 1]) + 1;
}

TEST_F(EmulatedMistake, RelyingOnTheOrderOfBlocksGivesOtherResultsInOtherOrders) {
  std::set<std::vector<std::int32_t>> results;
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(16);
    cuda::launch(context_, dim3(16), dim3(1), 0, chained_blocks_kernel, y);
    results.insert(read(y, 16));
  }
  EXPECT_GT(results.size(), 3u);
}

constexpr unsigned kEvenLine = __LINE__ + 3;
__global__ void divergent_barrier_kernel() {
  if (threadIdx.x % 2 == 0) {
    __syncthreads();
  } else {
    __syncthreads();
  }
}

TEST_F(EmulatedMistake, ADivergentBarrierNamesBothLines) {
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    const std::string message = failure(dim3(2), dim3(64), 0, divergent_barrier_kernel);
    expect_named(message, "divergent barrier", kEvenLine);
    expect_named(message, "divergent_barrier_kernel", kEvenLine + 2);
  }
}

constexpr unsigned kBarrierLine = __LINE__ + 5;
__global__ void deadlock_kernel() {
  if (threadIdx.x == 40) {
    (void)cuda::ballot(true);
  } else {
    __syncthreads();
  }
}

TEST_F(EmulatedMistake, ADeadlockNamesWhereThreadsWait) {
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    const std::string message = failure(dim3(1), dim3(64), 0, deadlock_kernel);
    expect_named(message, "deadlock", kBarrierLine);
    expect_named(message, "thread (40,0,0)", kBarrierLine - 2);
    EXPECT_NE(message.find("and 62 more"), std::string::npos) << message;
  }
}

constexpr unsigned kFirstBallot = __LINE__ + 3;
__global__ void divergent_warp_kernel(std::int32_t* y) {
  if (threadIdx.x < 16) {
    y[threadIdx.x] = std::int32_t(cuda::ballot(true));
  } else {
    y[threadIdx.x] = std::int32_t(cuda::ballot(false));
  }
}

TEST_F(EmulatedMistake, LanesThatMeetAtDifferentPlacesAreNamed) {
  const std::string message = failure(dim3(1), dim3(32), 0, divergent_warp_kernel, integers(32));
  expect_named(message, "divergent warp", kFirstBallot);
  expect_named(message, "ballot", kFirstBallot + 2);
}

constexpr unsigned kShuffleLine = __LINE__ + 3;
__global__ void absent_lane_kernel(std::int32_t* y) {
  if (threadIdx.x < 20) {
    y[threadIdx.x] = cuda::shuffle_xor(std::int32_t(threadIdx.x), 16);
  }
}

TEST_F(EmulatedMistake, ReadingALaneThatHasLeftIsNamed) {
  const std::string message = failure(dim3(1), dim3(32), 0, absent_lane_kernel, integers(32));
  expect_named(message, "takes no part", kShuffleLine);
}

__global__ void relaunching_kernel(Context* context) {
  cuda::launch(*context, dim3(1), dim3(1), 0, divergent_barrier_kernel);
}

TEST_F(EmulatedMistake, KernelsDoNotLaunchKernels) {
  EXPECT_NE(failure(dim3(1), dim3(1), 0, relaunching_kernel, &context_).find("launched"),
            std::string::npos);
}

__global__ void fill_kernel(std::int32_t* y) {
  __syncthreads();
  y[threadIdx.x] = 7;
}

TEST_F(EmulatedMistake, TheDeviceWorksOnAfterAFailedKernel) {
  for (int i = 0; i < 3; ++i) {
    failure(dim3(3), dim3(128), 0, deadlock_kernel);
    failure(dim3(3), dim3(128), 0, divergent_barrier_kernel);
    std::int32_t* y = integers(64);
    cuda::launch(context_, dim3(1), dim3(64), 0, fill_kernel, y);
    EXPECT_EQ(read(y, 64), std::vector<std::int32_t>(64, 7));
  }
}

// One element too many in memory of the device, and in shared memory.
__global__ void overflow_kernel(std::int32_t* y) { y[threadIdx.x + 1] = 1; }
__global__ void shared_overflow_kernel() { dynamic_shared<std::int32_t>()[threadIdx.x + 1] = 1; }

TEST_F(EmulatedMistake, AddressSanitizerFindsWritesOutOfBounds) {
#if defined(__SANITIZE_ADDRESS__)
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  std::int32_t* y = integers(33);
  EXPECT_DEATH(cuda::launch(context_, dim3(1), dim3(33), 0, overflow_kernel, y),
               "heap-buffer-overflow");
  EXPECT_DEATH(cuda::launch(context_, dim3(1), dim3(33), 33 * 4, shared_overflow_kernel),
               "heap-buffer-overflow");
#else
  (void)overflow_kernel;
  (void)shared_overflow_kernel;
  GTEST_SKIP() << "this build has no AddressSanitizer";
#endif
}

}  // namespace
}  // namespace lrcn::test
