// core/cuda against the stand-in for the CUDA runtime: machines without a device, and errors.
#include <gtest/gtest.h>

#include <functional>

#include "core/cuda/device_info.h"
#include "core/cuda/event.h"
#include "core/error.h"
#include "core/transfer.h"
#include "tests/core/cuda/runtime_stand_in/stand_in.h"

namespace lrcn::test {
namespace {

const Device kDevice = Device::cuda(0);

template <class Failure>
std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Failure& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing of the kind was thrown";
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Missing {
  stand_in::Machine machine;
  std::string problem;
};

void expect_no_device(const Missing& missing) {
  stand_in::reset(missing.machine);
  const cuda::Platform platform = cuda::find_platform();
  EXPECT_TRUE(platform.devices.empty());
  EXPECT_TRUE(contains(platform.problem, missing.problem)) << platform.problem;
  const auto says_so = [&](const std::function<void()>& work) {
    const std::string message = message_of<DeviceError>(work);
    EXPECT_TRUE(contains(message, platform.problem)) << message;
    EXPECT_TRUE(contains(message, "cuda:0")) << message;
  };
  says_so([] { Context context(kDevice); });
  says_so([] { Buffer::allocate(kDevice, 64); });
  EXPECT_EQ(Buffer::allocate_pinned(64).kind(), Buffer::Kind::host);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);  // nothing is left for others to find
}

TEST(CudaSeamErrors, SaysWhyThereIsNoDevice) {
  expect_no_device({{.devices = 0, .driver = 0}, "there is no CUDA driver"});
  expect_no_device({{.driver = 11080}, "too old: it supports CUDA 11.8, this build needs 1"});
  expect_no_device({{.devices = 0}, "the CUDA driver finds no device"});
}

TEST(CudaSeamErrors, NamesAStartThatFails) {
  stand_in::fail("cudaGetDeviceCount", cudaErrorSystemDriverMismatch);
  EXPECT_TRUE(contains(cuda::find_platform().problem, "does not start"));
}

TEST(CudaSeamErrors, RefusesADeviceOfAnotherKindAndOneThatIsNotThere) {
  stand_in::reset({.capability = 75});
  EXPECT_TRUE(contains(message_of<DeviceError>([] { Context context(kDevice); }),
                       "compute capability 7.5, this build needs 8.0"));
  stand_in::reset({.devices = 2});
  EXPECT_TRUE(contains(message_of<DeviceError>([] { Context context(Device::cuda(2)); }),
                       "there are only 2 (cuda:0 to cuda:1)"));
}

TEST(CudaSeamErrors, ListsADeviceThatDoesNotAnswer) {
  stand_in::fail("cudaGetDeviceProperties", cudaErrorUnknown);
  EXPECT_EQ(cuda::find_platform().devices.at(0).name, "does not answer");
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST(CudaSeamErrors, LeavesTheCurrentDeviceAsItWas) {
  stand_in::reset({.devices = 2});
  Context context(Device::cuda(1));
  const OwnedTensor tensor(Device::cuda(1), {{8}});
  const std::vector<float> values(8, 3.0f);
  upload(tensor.tensor, values.data());
  set_bytes(context, tensor.tensor, 0);
  cuda::Event event(Device::cuda(1));
  event.record(context);
  event.wait();
  int current = -1;
  EXPECT_EQ(cudaGetDevice(&current), cudaSuccess);
  EXPECT_EQ(current, 0);
}

TEST(CudaSeamErrors, SaysHowMuchMemoryIsLeft) {
  stand_in::reset({.memory = std::size_t(8) << 20});
  const Buffer held = Buffer::allocate(kDevice, std::size_t(3) << 20);
  const std::string message =
      message_of<MemoryError>([] { Buffer::allocate(kDevice, std::size_t(6) << 20); });
  EXPECT_EQ(message,
            "memory of cuda:0: 6291456 bytes (6 MiB) could not be had: 5 of 8 MiB are free");
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST(CudaSeamErrors, NamesPageLockedMemoryThatCouldNotBeHad) {
  stand_in::fail("cudaHostAlloc", cudaErrorMemoryAllocation);
  const std::string message = message_of<MemoryError>([] { Buffer::allocate_pinned(3 << 20); });
  EXPECT_TRUE(contains(message, "page-locked memory: 3145728 bytes (3 MiB)")) << message;
}

TEST(CudaSeamErrors, GivesBackWhatAContextHadWhenItCannotBeMade) {
  for (const char* call : {"cudaStreamCreateWithFlags", "cudaMalloc", "cudaMemsetAsync",
                           "cudaMemcpyAsync", "cudaStreamSynchronize"}) {
    stand_in::fail(call, cudaErrorMemoryAllocation);
    EXPECT_THROW(Context context(kDevice), MemoryError) << call;
    EXPECT_EQ(stand_in::bytes_held(), 0u) << call;
  }
}

TEST(CudaSeamErrors, SaysThatAnIllegalAddressEndsTheProcess) {
  Context context(kDevice);
  stand_in::fail("cudaStreamSynchronize", cudaErrorIllegalAddress);
  const std::string message = message_of<DeviceError>([&] { context.synchronize(); });
  EXPECT_TRUE(contains(message, "work given to cuda:0: an illegal memory access")) << message;
  EXPECT_TRUE(contains(message, "this process can no longer use it")) << message;
  EXPECT_THROW(Buffer::allocate(kDevice, 64), DeviceError);
  EXPECT_THROW(context.set_step_state({}), DeviceError);
  // The destructor of the context meets the error too and keeps quiet; nothing can be freed.
  context = Context(Device::cpu());
  stand_in::reset({});
}

TEST(CudaSeamErrors, SaysNothingOfTheKindForErrorsThatPass) {
  Context context(kDevice);
  stand_in::fail("cudaStreamSynchronize", cudaErrorInvalidValue);
  const std::string message = message_of<DeviceError>([&] { context.synchronize(); });
  EXPECT_FALSE(contains(message, "process")) << message;
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_NO_THROW(context.synchronize());
}

}  // namespace
}  // namespace lrcn::test
