// kernels/cuda/launch.h against the stand-in for the CUDA runtime.
#include "kernels/cuda/launch.h"

#include <gtest/gtest.h>

#include "core/cuda/recording.h"
#include "core/error.h"
#include "core/transfer.h"
#include "tests/core/cuda/runtime_stand_in/stand_in.h"

namespace lrcn::test {
namespace {

const Device kDevice = Device::cuda(0);

// Stands for a kernel.
void store(std::int32_t* target, std::int32_t value) { *target = value; }

class CudaLaunch : public testing::Test {
 protected:
  void SetUp() override {
    stand_in::add_kernel(store);
    context_.emplace(kDevice);
    number_ = OwnedTensor(kDevice, {{1}, DType::i32});
  }
  void launch(std::int32_t value, const cuda::LaunchShape& shape = {.grid = 1, .block = 32}) {
    cuda::launch(*context_, shape, store, number_.tensor.as<std::int32_t>(), value);
  }
  std::int32_t number() const {
    std::int32_t value = 0;
    download(&value, number_.tensor);
    return value;
  }
  std::optional<Context> context_;
  OwnedTensor number_;
};

TEST_F(CudaLaunch, RunsInTheOrderOfTheStreamWithTheArgumentsOfThen) {
  for (std::int32_t value = 1; value < 4; ++value) {
    launch(value);
  }
  EXPECT_EQ(number(), 3);
}

TEST_F(CudaLaunch, IsNothingForAGridWithoutBlocks) {
  launch(1, {.grid = {1, 0, 1}, .block = 32});
  EXPECT_EQ(number(), 0);
  EXPECT_EQ(stand_in::calls("cudaLaunchKernelExC"), 0);
}

TEST_F(CudaLaunch, CanBeRecorded) {
  const cuda::Recording recording(*context_, [this] {
    launch(7, {.grid = 2, .block = 32, .shared_bytes = 100 << 10, .cooperative = true});
  });
  EXPECT_EQ(number(), 0);
  recording.launch(*context_);
  EXPECT_EQ(number(), 7);
}

TEST_F(CudaLaunch, AsksForMuchSharedMemory) {
  for (const std::size_t kibibytes : {200, 48, 60, 1, 227}) {
    EXPECT_NO_THROW(launch(1, {.grid = 1, .block = 32, .shared_bytes = kibibytes << 10}));
  }
  EXPECT_THROW(launch(1, {.grid = 1, .block = 32, .shared_bytes = 228 << 10}), DeviceError);
  EXPECT_NO_THROW(launch(1));
}

TEST_F(CudaLaunch, NamesTheKernelThatIsRefused) {
  const auto message_of = [this](const cuda::LaunchShape& shape) -> std::string {
    try {
      launch(1, shape);
    } catch (const DeviceError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(message_of({.grid = 1, .block = 2048}).find("launch of stand_in_kernel()"), 0u);
  EXPECT_EQ(
      message_of({.grid = 5, .block = 32, .cooperative = true}).find("launch of stand_in_kernel()"),
      0u);
  EXPECT_EQ(message_of({.grid = 4, .block = 32, .cooperative = true}), "");
}

TEST_F(CudaLaunch, WaitsForTheKernelWhenLaunchesAreChecked) {
  context_->set_checks_launches(true);
  stand_in::fail("cudaStreamSynchronize", cudaErrorLaunchOutOfResources);
  EXPECT_THROW(launch(1), DeviceError);
  launch(2);
  EXPECT_EQ(number(), 2);
}

}  // namespace
}  // namespace lrcn::test
