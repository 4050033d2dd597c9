#include "core/context.h"

#include <utility>

#include "core/error.h"
#include "tests/core/cuda/device_test.h"

namespace lrcn::test {
namespace {

std::string reason_of(Device device) {
  try {
    Context context(device);
    return {};
  } catch (const DeviceError& error) {
    return error.what();
  }
}

TEST(CudaPlatform, HasDevicesOrAReason) {
  const cuda::Platform platform = cuda::find_platform();
  EXPECT_EQ(platform.devices.empty(), !platform.problem.empty());
  EXPECT_FALSE(platform.runtime.empty());
  for (const cuda::DeviceInfo& device : platform.devices) {
    EXPECT_FALSE(device.name.empty());
    EXPECT_GT(device.capability, 0) << device.name;
    EXPECT_GT(device.memory, 0u) << device.name;
  }
}

TEST(CudaPlatform, ReasonStandsInTheErrorOfAContext) {
  const std::string problem = cuda::find_platform().problem;
  if (problem.empty()) {
    GTEST_SKIP() << "there is a device";
  }
  const std::string reason = reason_of(Device::cuda(0));
  EXPECT_NE(reason.find("cuda:0"), std::string::npos) << reason;
  EXPECT_NE(reason.find(problem), std::string::npos) << reason;
  // Memory needs no context and says the same.
  try {
    Buffer::allocate(Device::cuda(0), 64);
    FAIL() << "expected a DeviceError";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find(problem), std::string::npos) << error.what();
  }
}

TEST(CudaPlatform, PageLockedMemoryIsOrdinaryWhereThereIsNoDevice) {
  if (cuda::find_platform().problem.empty()) {
    GTEST_SKIP() << "there is a device";
  }
  EXPECT_EQ(Buffer::allocate_pinned(64).kind(), Buffer::Kind::host);
}

using CudaContext = CudaDevice;

TEST_F(CudaContext, RefusesADeviceThatIsNotThere) {
  const std::string reason = reason_of(Device::cuda(1000));
  EXPECT_NE(reason.find("cuda:1000"), std::string::npos) << reason;
}

TEST_F(CudaContext, StepStateStartsWithItsDefaults) {
  const Context context(Device::cuda(0));
  const StepState state = context.step_state();
  EXPECT_EQ(state.seed, 0u);
  EXPECT_EQ(state.step, 0u);
  EXPECT_EQ(state.learning_rate, 0.0f);
  EXPECT_EQ(state.gradient_scale, 1.0f);
}

TEST_F(CudaContext, StepStateIsReadBackAsWritten) {
  Context context(Device::cuda(0));
  context.set_step_state(
      {.seed = 1ull << 63, .step = 77, .learning_rate = 0.5f, .gradient_scale = 0.25f});
  const StepState state = context.step_state();
  EXPECT_EQ(state.seed, 1ull << 63);
  EXPECT_EQ(state.step, 77u);
  EXPECT_EQ(state.learning_rate, 0.5f);
  EXPECT_EQ(state.gradient_scale, 0.25f);
}

TEST_F(CudaContext, MovesWithItsStreamAndState) {
  Context first(Device::cuda(0));
  first.set_step_state({.step = 3});
  void* const stream = first.stream();
  ASSERT_NE(stream, nullptr);
  Context second(std::move(first));
  EXPECT_EQ(second.stream(), stream);
  EXPECT_EQ(second.step_state().step, 3u);
  Context third(Device::cpu());
  third = std::move(second);
  EXPECT_EQ(third.stream(), stream);
  EXPECT_EQ(third.device(), Device::cuda(0));
  EXPECT_EQ(third.step_state().step, 3u);
  third.synchronize();
}

}  // namespace
}  // namespace lrcn::test
