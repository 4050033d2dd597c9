// Kernels without mistakes do on the emulator what they do on a GPU.
#include <gtest/gtest.h>

#include <numeric>

#include "kernels/cuda/ptx.h"
#include "tests/emulator/emulated_device.h"

namespace lrcn::test {
namespace {

using cuda::__syncthreads;
using cuda::dynamic_shared;

class EmulatedLaunch : public EmulatedDevice {};

__global__ void number_kernel(std::int32_t* y) {
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const unsigned i = block * blockDim.x * blockDim.y * blockDim.z + thread;
  y[i] += std::int32_t(i) + 1;
}

TEST_F(EmulatedLaunch, RunsEveryThreadOnce) {
  const dim3 grid(3, 2, 2);
  const dim3 block(5, 4, 3);
  constexpr std::int64_t kThreads = 12 * 60;
  std::vector<std::int32_t> want(kThreads);
  std::iota(want.begin(), want.end(), 0);
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(kThreads);
    cuda::launch(context_, grid, block, 0, number_kernel, y);
    EXPECT_EQ(read(y, kThreads), want);
  }
}

TEST_F(EmulatedLaunch, AGridWithoutBlocksIsNoWork) {
  cuda::launch(context_, dim3(0), dim3(32), 0, number_kernel, nullptr);
  cuda::launch(context_, dim3(4, 0), dim3(32), 0, number_kernel, nullptr);
}

TEST_F(EmulatedLaunch, RefusesWhatNoDeviceTakes) {
  EXPECT_NE(failure(dim3(1), dim3(1025), 0, number_kernel, nullptr).find("1025"),
            std::string::npos);
  EXPECT_NE(failure(dim3(1, 70000), dim3(32), 0, number_kernel, nullptr).find("70000"),
            std::string::npos);
  EXPECT_NE(failure(dim3(1), dim3(32), 1 << 20, number_kernel, nullptr).find("1048576"),
            std::string::npos);
}

// y[block] = the sum of all thread numbers, by halving.
__global__ void sum_kernel(std::int32_t* y) {
  auto* shared = dynamic_shared<std::int32_t>();
  shared[threadIdx.x] = std::int32_t(threadIdx.x);
  __syncthreads();
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      shared[threadIdx.x] += shared[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    y[blockIdx.x] = shared[0];
  }
}

TEST_F(EmulatedLaunch, BarriersMakeSharedMemoryVisibleInEveryOrder) {
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(5);
    cuda::launch(context_, dim3(5), dim3(256), 256 * sizeof(std::int32_t), sum_kernel, y);
    EXPECT_EQ(read(y, 5), std::vector<std::int32_t>(5, 256 * 255 / 2));
  }
}

// The threads beyond `size` leave before the barrier.
__global__ void reverse_kernel(std::int32_t* y, unsigned size) {
  if (threadIdx.x >= size) {
    return;
  }
  auto* shared = dynamic_shared<std::int32_t>();
  shared[threadIdx.x] = std::int32_t(threadIdx.x);
  __syncthreads();
  y[threadIdx.x] = shared[size - 1 - threadIdx.x];
}

TEST_F(EmulatedLaunch, BarriersDoNotWaitForThreadsThatHaveLeft) {
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(40);
    cuda::launch(context_, dim3(1), dim3(96), 40 * sizeof(std::int32_t), reverse_kernel, y, 40u);
    const std::vector<std::int32_t> values = read(y, 40);
    for (std::int32_t i = 0; i < 40; ++i) {
      EXPECT_EQ(values[std::size_t(i)], 39 - i);
    }
  }
}

struct Pair {
  double value;
  std::int64_t number;
};

__global__ void shuffle_kernel(std::int32_t* y) {
  const unsigned lane = threadIdx.x % 32;
  std::int32_t* row = y + 5 * threadIdx.x;
  row[0] = cuda::shuffle_xor(std::int32_t(lane), 5);
  row[1] = cuda::shuffle_up(std::int32_t(lane), 3);
  row[2] = cuda::shuffle_from(std::int32_t(lane), (lane + 1) % 32);
  row[3] = std::int32_t(cuda::ballot(lane % 3 == 0));
  const Pair other = cuda::shuffle_xor(Pair{0.5 * lane, std::int64_t(lane) << 40}, 1);
  row[4] = std::int32_t(2.0 * other.value) + std::int32_t(other.number >> 40);
}

TEST_F(EmulatedLaunch, LanesOfAWarpExchangeValues) {
  std::int32_t thirds = 0;
  for (int lane = 0; lane < 32; lane += 3) {
    thirds |= std::int32_t(1u << lane);
  }
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(5 * 64);
    cuda::launch(context_, dim3(1), dim3(64), 0, shuffle_kernel, y);
    const std::vector<std::int32_t> values = read(y, 5 * 64);
    for (std::int32_t thread = 0; thread < 64; ++thread) {
      const std::int32_t lane = thread % 32;
      const std::vector<std::int32_t> row(values.begin() + 5 * thread,
                                          values.begin() + 5 * thread + 5);
      EXPECT_EQ(row, (std::vector<std::int32_t>{lane ^ 5, lane < 3 ? lane : lane - 3,
                                                (lane + 1) % 32, thirds, 2 * (lane ^ 1)}));
    }
  }
}

__global__ void stale_kernel(std::int32_t* y) { *y = *dynamic_shared<std::int32_t>(); }

TEST_F(EmulatedLaunch, SharedMemoryStartsWithWhatNobodyMeans) {
  std::int32_t* y = integers(1);
  schedule() = {.order = Order::shuffled, .seed = 2};
  cuda::launch(context_, dim3(1), dim3(1), 4, stale_kernel, y);
  const std::int32_t even = read(y, 1)[0];
  schedule().seed = 3;
  cuda::launch(context_, dim3(1), dim3(1), 4, stale_kernel, y);
  EXPECT_NE(read(y, 1)[0], even);
}

}  // namespace
}  // namespace lrcn::test
