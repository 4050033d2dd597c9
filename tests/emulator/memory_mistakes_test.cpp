// Kernels that misuse memory, and how the emulator and the sanitizers show it.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "kernels/cuda/ptx.h"
#include "tests/emulator/emulated_device.h"

#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_options() { return "halt_on_error=1"; }
#endif

namespace lrcn::test {
namespace {

using cuda::__syncthreads;
using cuda::dynamic_shared;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kFindsBounds = true;
#else
constexpr bool kFindsBounds = false;
#endif
#if defined(__SANITIZE_THREAD__)
constexpr bool kFindsRaces = true;
#else
constexpr bool kFindsRaces = false;
#endif

class EmulatedMemory : public EmulatedDevice {
 protected:
  void SetUp() override { testing::FLAGS_gtest_death_test_style = "threadsafe"; }

  // The report of a sanitizer names the lines, in this order.
  static std::string report(const std::string& mistake, std::initializer_list<unsigned> lines) {
    std::string pattern = mistake;
    for (const unsigned line : lines) {
      pattern += concat(".*memory_mistakes_test.cpp:", line);
    }
    return pattern;
  }

  static void expect_named(const std::string& message, const std::string& mistake, unsigned line) {
    EXPECT_NE(message.find(mistake), std::string::npos) << message;
    EXPECT_NE(message.find(at_line(line)), std::string::npos) << message << "\nline " << line;
  }
};

constexpr unsigned kRaceLine = __LINE__ + 4;
// Between the two lines stands no __syncthreads().
__global__ void missing_barrier_kernel(std::int32_t* y) {
  auto* shared = dynamic_shared<std::int32_t>();
  shared[threadIdx.x] = std::int32_t(threadIdx.x);
  y[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

TEST_F(EmulatedMemory, ThreadSanitizerNamesTheLinesOfAMissingBarrier) {
  if (!kFindsRaces) {
    GTEST_SKIP() << "this build has no ThreadSanitizer";
  }
  std::int32_t* y = integers(64);
  EXPECT_DEATH(cuda::launch(context_, dim3(1), dim3(64), 256, missing_barrier_kernel, y),
               report("data race", {kRaceLine + 1, kRaceLine}));
}

TEST_F(EmulatedMemory, AMissingBarrierGivesOtherResultsInOtherOrders) {
  if (kFindsRaces) {
    GTEST_SKIP() << "ThreadSanitizer ends such a kernel";
  }
  std::set<std::vector<std::int32_t>> results;
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(64);
    cuda::launch(context_, dim3(1), dim3(64), 256, missing_barrier_kernel, y);
    results.insert(read(y, 64));
  }
  EXPECT_GT(results.size(), 3u);
}

constexpr unsigned kChainLine = __LINE__ + 3;
// Reads what the block before has written, though nothing orders blocks.
__global__ void chained_blocks_kernel(std::int32_t* y) {
  y[blockIdx.x] = (blockIdx.x == 0 ? 0 : y[blockIdx.x - 1]) + 1;
}

TEST_F(EmulatedMemory, ThreadSanitizerNamesTheLineOfBlocksThatRelyOnTheirOrder) {
  if (!kFindsRaces) {
    GTEST_SKIP() << "this build has no ThreadSanitizer";
  }
  std::int32_t* y = integers(16);
  EXPECT_DEATH(cuda::launch(context_, dim3(16), dim3(1), 0, chained_blocks_kernel, y),
               report("data race", {kChainLine, kChainLine}));
}

TEST_F(EmulatedMemory, RelyingOnTheOrderOfBlocksGivesOtherResultsInOtherOrders) {
  if (kFindsRaces) {
    GTEST_SKIP() << "ThreadSanitizer ends such a kernel";
  }
  std::set<std::vector<std::int32_t>> results;
  for (const Schedule& order : some_schedules()) {
    schedule() = order;
    std::int32_t* y = integers(16);
    cuda::launch(context_, dim3(16), dim3(1), 0, chained_blocks_kernel, y);
    results.insert(read(y, 16));
  }
  EXPECT_GT(results.size(), 3u);
}

// A barrier for the copies that a block waits for, but none before they are used again.
constexpr unsigned kReuseLine = __LINE__ + 8;
__global__ void reused_buffer_kernel(const std::int32_t* x, std::int32_t* y) {
  auto* shared = dynamic_shared<std::int32_t>();
  for (int step = 0; step < 2; ++step) {
    cuda::copy_async<4>(shared + threadIdx.x, x + threadIdx.x);
    cuda::commit_copies();
    cuda::wait_for_copies<0>();
    __syncthreads();
    y[threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
  }
}

TEST_F(EmulatedMemory, ThreadSanitizerNamesTheLineOfABufferUsedAgainTooEarly) {
  if (!kFindsRaces) {
    GTEST_SKIP() << "this build has no ThreadSanitizer";
  }
  std::int32_t* x = integers(64);
  std::int32_t* y = integers(64);
  EXPECT_DEATH(cuda::launch(context_, dim3(1), dim3(64), 256, reused_buffer_kernel, x, y),
               report("data race", {kReuseLine, kReuseLine - 4}));
}

// One element too many.
constexpr unsigned kBoundsLine = __LINE__ + 3;
__global__ void bounds_kernel(std::int32_t* y, int mistake) {
  auto* shared = dynamic_shared<std::int32_t>();
  volatile std::int32_t sink = mistake == 0 ? shared[threadIdx.x + 1] : 0;
  sink = mistake == 1 ? y[threadIdx.x + 1] : sink;
  (mistake == 2 ? shared : y)[threadIdx.x + 1 - unsigned(mistake < 2)] = 1;
}

TEST_F(EmulatedMemory, AddressSanitizerNamesTheLineOfReadsAndWritesOutOfBounds) {
  if (!kFindsBounds) {
    GTEST_SKIP() << "this build has no AddressSanitizer";
  }
  std::int32_t* y = integers(33);
  for (const int mistake : {0, 1, 2, 3}) {
    EXPECT_DEATH(cuda::launch(context_, dim3(1), dim3(33), 33 * 4, bounds_kernel, y, mistake),
                 report("heap-buffer-overflow", {kBoundsLine + std::min(unsigned(mistake), 2u)}));
  }
}

TEST_F(EmulatedMemory, WritesBeyondSharedMemoryAreFoundWithoutAddressSanitizer) {
  if (kFindsBounds) {
    GTEST_SKIP() << "AddressSanitizer ends such a kernel";
  }
  const std::string message = failure(dim3(2), dim3(33), 33 * 4, bounds_kernel, integers(33), 2);
  EXPECT_NE(message.find("beyond its 132 bytes"), std::string::npos) << message;
}

// y[0]: the sum of what nobody wrote.
__global__ void unwritten_kernel(float* y) {
  auto* shared = dynamic_shared<float>();
  if (threadIdx.x < 31) {
    shared[threadIdx.x] = 1.0f;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    float sum = 0.0f;
    for (int i = 0; i < 32; ++i) {
      sum += shared[i];
    }
    y[0] = sum;
  }
}

TEST_F(EmulatedMemory, SharedMemoryThatNobodyWroteSpoilsWhatIsComputedFromIt) {
  auto* y = reinterpret_cast<float*>(integers(1));
  schedule().seed = 2;
  cuda::launch(context_, 1, 32, 32 * 4, unwritten_kernel, y);
  EXPECT_TRUE(std::isnan(y[0]));
  schedule().seed = 3;
  cuda::launch(context_, 1, 32, 32 * 4, unwritten_kernel, y);
  EXPECT_GT(y[0], 1e30f);
}

// Mistakes: 1 reads too early, 2 and 3 write too early, 4 to 6 have wrong addresses.
constexpr unsigned kCopyLine = __LINE__ + 4;
__global__ void copy_kernel(float* x, float* y, int mistake) {
  auto* shared = dynamic_shared<float>();
  float* target = mistake == 4 ? y : shared + (mistake == 5 ? 1 : 0);
  cuda::copy_async<16>(target, x + (mistake == 6 ? 1 : 0));
  cuda::commit_copies();
  if (mistake == 1) {
    cuda::wait_for_copies<1>();
    y[0] = shared[1];
  }
  if (mistake == 2) {
    x[1] = 5.0f;
  }
  if (mistake == 3) {
    shared[0] = 5.0f;
  }
  cuda::wait_for_copies<0>();
  y[1] = shared[1];
}

TEST_F(EmulatedMemory, CopiesThatAreNotWaitedForGiveNan) {
  auto* x = reinterpret_cast<float*>(integers(8));
  auto* y = reinterpret_cast<float*>(integers(8));
  x[1] = 3.0f;
  if (kFindsBounds) {
    EXPECT_DEATH(cuda::launch(context_, 1, 1, 32, copy_kernel, x, y, 1),
                 report("use-after-poison", {kCopyLine + 4}));
    return;
  }
  cuda::launch(context_, 1, 1, 32, copy_kernel, x, y, 1);
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(y[1], 3.0f);
}

TEST_F(EmulatedMemory, CopiesThatAreDisturbedOrMisplacedAreNamed) {
  auto* x = reinterpret_cast<float*>(integers(8));
  auto* y = reinterpret_cast<float*>(integers(8));
  const auto message = [&](int mistake) { return failure(1, 1, 32, copy_kernel, x, y, mistake); };
  EXPECT_EQ(message(0), "(none)");
  expect_named(message(2), "the source was written", kCopyLine);
  if (!kFindsBounds) {
    expect_named(message(3), "the target was written", kCopyLine);
  }
  expect_named(message(4), "in the shared memory", kCopyLine);
  expect_named(message(5), "no multiple of 16", kCopyLine);
  expect_named(message(6), "must be a multiple", kCopyLine);
}

constexpr unsigned kMatrixLine = __LINE__ + 3;
__global__ void misplaced_matrix_kernel(std::int32_t* y) {
  auto* shared = dynamic_shared<std::uint16_t>();
  const auto matrix = cuda::load_matrices<1>(shared + 8 * threadIdx.x + 4);
  y[threadIdx.x] = std::int32_t(matrix.at[0]);
}

TEST_F(EmulatedMemory, MatricesAtOddPlacesAreNamed) {
  const std::string message = failure(1, 32, 8 * 16 + 16, misplaced_matrix_kernel, integers(32));
  expect_named(message, "no multiple of 16", kMatrixLine);
}

}  // namespace
}  // namespace lrcn::test
