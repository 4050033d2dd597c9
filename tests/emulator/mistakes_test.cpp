// Kernels with a mistake each, and how the emulator shows it.
#include <gtest/gtest.h>

#include "kernels/cuda/ptx.h"
#include "tests/emulator/emulated_device.h"

namespace lrcn::test {
namespace {

using cuda::__syncthreads;

class EmulatedMistake : public EmulatedDevice {
 protected:
  void expect_named(const std::string& message, const std::string& mistake, unsigned line) {
    EXPECT_NE(message.find(mistake), std::string::npos) << message;
    EXPECT_NE(message.find(at_line(line)), std::string::npos) << message << "\nline " << line;
  }
};

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

constexpr unsigned kSpinLine = __LINE__ + 4;
__global__ void spin_kernel(const std::uint32_t* flag) {
  if (threadIdx.x == 5) {
    while (cuda::load_acquire(flag) != 0u) {
      cuda::spin_hint();
    }
  }
  __syncthreads();
}

TEST_F(EmulatedMistake, AFlagThatNobodySetsIsADeadlock) {
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    const std::string message = failure(dim3(1), dim3(64), 0, spin_kernel,
                                        reinterpret_cast<const std::uint32_t*>(integers(1)));
    expect_named(message, "deadlock", kSpinLine);
    expect_named(message, "thread (5,0,0)", kSpinLine + 3);
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

constexpr unsigned kProductLine = __LINE__ + 4;
__global__ void absent_product_kernel(std::int32_t* y) {
  if (threadIdx.x < 31) {
    cuda::Sums sums = {};
    cuda::mma_m16n8k16_bf16(sums, {}, {});
    y[threadIdx.x] = std::int32_t(sums.at[0]);
  }
}

TEST_F(EmulatedMistake, AProductWithoutAllLanesIsNamed) {
  const std::string message = failure(dim3(1), dim3(32), 0, absent_product_kernel, integers(32));
  expect_named(message, "have left the warp", kProductLine);
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

}  // namespace
}  // namespace lrcn::test
