// core/cuda against the stand-in for the CUDA runtime: recordings, the order of streams, and what a
// repeated step makes anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "core/cuda/event.h"
#include "core/cuda/recording.h"
#include "core/cuda/stream.h"
#include "core/delayed_read.h"
#include "core/error.h"
#include "core/repeated_work.h"
#include "core/staging.h"
#include "core/stopwatch.h"
#include "core/transfer.h"
#include "tests/core/cuda/runtime_stand_in/stand_in.h"

namespace lrcn::test {
namespace {

const Device kDevice = Device::cuda(0);

// target = source, on the device.
struct Copied {
  OwnedTensor source{kDevice, {{4}, DType::i32}};
  OwnedTensor target{kDevice, {{4}, DType::i32}};
  void give(Context& context) const {
    cuda::enqueue_copy(context, target.tensor.data, source.tensor.data, 16);
  }
  void set(std::int32_t value) const {
    const std::vector<std::int32_t> values(4, value);
    upload(source.tensor, values.data());
  }
  std::int32_t get() const {
    std::vector<std::int32_t> values(4);
    download(values.data(), target.tensor);
    return values[2];
  }
};

TEST(CudaSeamOrder, RecordsWorkAndDoesItWithTheNumbersOfItsLaunch) {
  Context context(kDevice);
  const Copied copied;
  const cuda::Recording recording(context, [&] { copied.give(context); });
  copied.set(5);
  EXPECT_EQ(copied.get(), 0);  // was not done when it was recorded
  for (const std::int32_t value : {6, 7}) {
    copied.set(value);
    recording.launch(context);
    EXPECT_EQ(copied.get(), value);
  }
  EXPECT_EQ(stand_in::calls("cudaGraphInstantiate"), 1);
}

TEST(CudaSeamOrder, ALaunchedRecordingMayBeDestroyed) {
  Context context(kDevice);
  const Copied copied;
  copied.set(8);
  cuda::Recording(context, [&] { copied.give(context); }).launch(context);
  EXPECT_EQ(copied.get(), 8);
}

TEST(CudaSeamOrder, AnyFailureOfARecordingLeavesTheContextUsable) {
  for (const char* call :
       {"cudaStreamBeginCapture", "cudaStreamEndCapture", "cudaGraphInstantiate"}) {
    Context context(kDevice);
    const Copied copied;
    stand_in::fail(call, cudaErrorInvalidValue);
    EXPECT_THROW(cuda::Recording(context, [&] { copied.give(context); }), DeviceError) << call;
    if (call == std::string("cudaStreamEndCapture")) {
      cudaGraph_t graph = nullptr;  // what failed by itself did not end it
      cudaStreamEndCapture(static_cast<cudaStream_t>(context.stream()), &graph);
      cudaGraphDestroy(graph);
    }
    copied.set(3);
    copied.give(context);
    EXPECT_EQ(copied.get(), 3) << call;
  }
}

TEST(CudaSeamOrder, RecordsWhileAnotherThreadAllocates) {
  Context context(kDevice);
  const Copied copied;
  const cuda::Recording recording(context, [&] {
    copied.give(context);
    std::async(std::launch::async, [] { Buffer::allocate(kDevice, 64); }).get();
    copied.give(context);
  });
  copied.set(2);
  recording.launch(context);
  EXPECT_EQ(copied.get(), 2);
}

TEST(CudaSeamOrder, NothingIsAllocatedOnceStepsRepeat) {
  Context context(kDevice);
  const Copied copied;
  RepeatedWork work;
  Staging staging(context, 16);
  DelayedRead read(context);
  Stopwatch watch(context);
  const auto step = [&](int number) {
    watch.start();
    std::ranges::fill(staging.next(), std::byte(number));
    staging.send(16);
    const Buffer& slot = staging.arrive(context);
    cuda::enqueue_copy(context, copied.source.tensor.data, slot.data(), 16);
    staging.release(context);
    work.give_to(context, {1}, [&] { copied.give(context); });
    read.start(context, copied.target.buffer.view(0, {{1}, DType::i32}));
    context.set_step_state({.step = std::uint64_t(number)});
    EXPECT_EQ(read.get(), number * 0x01010101);
    watch.stop();
  };
  step(1);
  const auto made = [] {
    return std::vector<int>{stand_in::calls("cudaMalloc"),
                            stand_in::calls("cudaHostAlloc"),
                            stand_in::calls("cudaFree"),
                            stand_in::calls("cudaEventCreateWithFlags"),
                            stand_in::calls("cudaStreamCreateWithFlags"),
                            stand_in::calls("cudaDeviceSynchronize")};
  };
  const std::vector<int> before = made();
  for (int number = 2; number <= 6; ++number) {
    step(number);
  }
  EXPECT_EQ(made(), before);
  EXPECT_EQ(stand_in::calls("cudaGraphInstantiate"), 1);
  EXPECT_EQ(stand_in::calls("cudaGraphLaunch"), 5);
}

// The slot must not be written while operations that are still to run read it.
TEST(CudaSeamOrder, ASlotIsSentBehindTheOperationsThatReadItBefore) {
  Context context(kDevice);
  std::vector<OwnedTensor> seen;
  Staging staging(context, 16);
  const auto send = [&](int number) {
    std::ranges::fill(staging.next(), std::byte(number));
    staging.send(16);
  };
  send(1);
  for (int number = 1; number <= 5; ++number) {
    send(number + 1);
    seen.emplace_back(kDevice, TensorSpec{{16}, DType::u8});
    const Buffer& slot = staging.arrive(context);
    cuda::enqueue_copy(context, seen.back().tensor.data, slot.data(), 16);
    staging.release(context);
  }
  for (int number = 1; number <= 5; ++number) {
    std::vector<std::uint8_t> bytes(16);
    download(bytes.data(), seen[std::size_t(number - 1)].tensor);
    EXPECT_EQ(bytes, std::vector<std::uint8_t>(16, std::uint8_t(number)));
  }
}

TEST(CudaSeamOrder, StagingWaitsForItsCopiesBeforeItsMemoryGoes) {
  Context context(kDevice);
  Staging staging(context, 16);
  staging.next();
  staging.send(16);
  staging = Staging(context, 8);
  EXPECT_NO_THROW(context.synchronize());
}

TEST(CudaSeamOrder, CountsTheWorkBetweenTwoEvents) {
  Context context(kDevice);
  const Copied copied;
  Stopwatch watch(context);
  watch.start();
  copied.give(context);
  copied.give(context);
  EXPECT_EQ(watch.stop(), 3.0);  // the stand-in takes a millisecond for each, and for an event
  cuda::Event order(kDevice, cuda::Event::Use::order);
  order.record(context);
  order.wait();
  EXPECT_THROW(order.milliseconds_since(order), DeviceError);
}

// The device is far behind: what a step reads must be its own state all the same.
TEST(CudaSeamOrder, EachStepFindsTheStateItWasGiven) {
  constexpr std::size_t kSteps = 40;
  Context context(kDevice);
  const OwnedTensor seen(kDevice, {{std::int64_t(kSteps * sizeof(StepState))}, DType::u8});
  for (std::size_t step = 0; step < kSteps; ++step) {
    context.set_step_state({.step = step});  // of the stack, and gone on return
    cuda::enqueue_copy(context, seen.buffer.data() + step * sizeof(StepState),
                       context.step_state_memory(), sizeof(StepState));
  }
  std::vector<StepState> states(kSteps);
  download(states.data(), seen.tensor);
  for (std::size_t step = 0; step < kSteps; ++step) {
    EXPECT_EQ(states[step].step, step);
  }
}

}  // namespace
}  // namespace lrcn::test
