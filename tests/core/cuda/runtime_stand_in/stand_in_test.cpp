// The stand-in itself: that it refuses what the runtime refuses.
#include "tests/core/cuda/runtime_stand_in/stand_in.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace lrcn::test {
namespace {

class StandIn : public testing::Test {
 protected:
  void SetUp() override {
    for (cudaStream_t* stream : {&first_, &second_}) {
      ASSERT_EQ(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), cudaSuccess);
    }
    ASSERT_EQ(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming), cudaSuccess);
    ASSERT_EQ(cudaMalloc(&memory_, kBytes), cudaSuccess);
    ASSERT_EQ(cudaHostAlloc(&pinned_, kBytes, cudaHostAllocPortable), cudaSuccess);
  }
  void TearDown() override {
    EXPECT_EQ(cudaFree(memory_), cudaSuccess);
    EXPECT_EQ(cudaFreeHost(pinned_), cudaSuccess);
    EXPECT_EQ(cudaEventDestroy(event_), cudaSuccess);
    EXPECT_EQ(cudaStreamDestroy(first_), cudaSuccess);
    EXPECT_EQ(cudaStreamDestroy(second_), cudaSuccess);
  }

  void begin(cudaStreamCaptureMode mode = cudaStreamCaptureModeThreadLocal) {
    ASSERT_EQ(cudaStreamBeginCapture(first_, mode), cudaSuccess);
  }
  cudaError_t end() {
    cudaGraph_t graph = nullptr;
    const cudaError_t error = cudaStreamEndCapture(first_, &graph);
    EXPECT_EQ(graph == nullptr, error != cudaSuccess);
    return graph == nullptr ? error : cudaGraphDestroy(graph);
  }
  cudaError_t set(cudaStream_t stream, int value) {
    return cudaMemsetAsync(memory_, value, kBytes, stream);
  }
  cudaError_t download(cudaStream_t stream) {
    return cudaMemcpyAsync(pinned_, memory_, kBytes, cudaMemcpyDeviceToHost, stream);
  }
  int first_byte() const { return *static_cast<const unsigned char*>(pinned_); }

  static constexpr std::size_t kBytes = 32;
  cudaStream_t first_ = nullptr, second_ = nullptr;
  cudaEvent_t event_ = nullptr;
  void* memory_ = nullptr;
  void* pinned_ = nullptr;
};

TEST_F(StandIn, DoesWorkInOrderAndWhenItIsWaitedFor) {
  EXPECT_EQ(set(first_, 1), cudaSuccess);
  EXPECT_EQ(download(first_), cudaSuccess);
  EXPECT_EQ(set(first_, 2), cudaSuccess);
  EXPECT_NE(first_byte(), 1);
  EXPECT_EQ(cudaStreamSynchronize(second_), cudaSuccess);
  EXPECT_NE(first_byte(), 1);
  EXPECT_EQ(cudaStreamSynchronize(first_), cudaSuccess);
  EXPECT_EQ(first_byte(), 1);
}

TEST_F(StandIn, PutsStreamsInOrderByEvents) {
  EXPECT_EQ(set(first_, 3), cudaSuccess);
  EXPECT_EQ(cudaEventRecord(event_, first_), cudaSuccess);
  EXPECT_EQ(set(first_, 4), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(second_, event_, 0), cudaSuccess);
  EXPECT_EQ(download(second_), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(second_), cudaSuccess);
  EXPECT_EQ(first_byte(), 3);
}

TEST_F(StandIn, LosesARecordingThatAllocates) {
  for (const auto mode : {cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeGlobal}) {
    begin(mode);
    void* other = nullptr;
    EXPECT_EQ(cudaMalloc(&other, 1), cudaErrorStreamCaptureUnsupported);
    EXPECT_EQ(cudaHostAlloc(&other, 1, 0), cudaErrorStreamCaptureUnsupported);
    EXPECT_EQ(cudaFree(memory_), cudaErrorStreamCaptureUnsupported);
    EXPECT_EQ(set(first_, 1), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(set(first_, 1), cudaSuccess);
  }
}

TEST_F(StandIn, LetsOtherThreadsAllocateUnlessTheRecordingIsGlobal) {
  for (const auto mode : {cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeGlobal}) {
    begin(mode);
    std::array<cudaError_t, 2> errors{};
    std::thread([&] {
      void* other = nullptr;
      errors[0] = cudaMalloc(&other, 1);
      cudaFree(other);
      errors[1] = cudaDeviceSynchronize();
    }).join();
    const bool global = mode == cudaStreamCaptureModeGlobal;
    EXPECT_EQ(errors[0], global ? cudaErrorStreamCaptureUnsupported : cudaSuccess);
    EXPECT_EQ(errors[1], cudaErrorStreamCaptureUnsupported);
    EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
  }
}

TEST_F(StandIn, WaitsForNothingThatIsRecorded) {
  begin();
  EXPECT_EQ(cudaStreamSynchronize(first_), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
  begin();
  EXPECT_EQ(cudaEventRecord(event_, first_), cudaSuccess);
  EXPECT_EQ(cudaEventSynchronize(event_), cudaErrorCapturedEvent);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
  EXPECT_EQ(cudaStreamWaitEvent(second_, event_, 0), cudaErrorCapturedEvent);
}

TEST_F(StandIn, RecordsNoWaitForWhatIsNotRecorded) {
  EXPECT_EQ(cudaEventRecord(event_, second_), cudaSuccess);
  begin();
  EXPECT_EQ(cudaStreamWaitEvent(first_, event_, 0), cudaErrorStreamCaptureIsolation);
  EXPECT_EQ(end(), cudaErrorStreamCaptureInvalidated);
}

TEST_F(StandIn, WantsStreamsThatForkToJoin) {
  for (const bool joins : {true, false}) {
    begin();
    EXPECT_EQ(set(first_, 1), cudaSuccess);
    EXPECT_EQ(cudaEventRecord(event_, first_), cudaSuccess);
    EXPECT_EQ(cudaStreamWaitEvent(second_, event_, 0), cudaSuccess);
    EXPECT_EQ(set(second_, 2), cudaSuccess);
    if (joins) {
      EXPECT_EQ(cudaEventRecord(event_, second_), cudaSuccess);
      EXPECT_EQ(cudaStreamWaitEvent(first_, event_, 0), cudaSuccess);
    }
    EXPECT_EQ(end(), joins ? cudaSuccess : cudaErrorStreamCaptureUnjoined);
    EXPECT_EQ(cudaStreamSynchronize(second_), cudaSuccess);
  }
}

TEST_F(StandIn, LaunchesAGraphAgainAndAgain) {
  begin();
  EXPECT_EQ(set(first_, 5), cudaSuccess);
  EXPECT_EQ(download(first_), cudaSuccess);
  cudaGraph_t graph = nullptr;
  ASSERT_EQ(cudaStreamEndCapture(first_, &graph), cudaSuccess);
  cudaGraphExec_t once = nullptr;
  cudaGraphExec_t twice = nullptr;
  EXPECT_EQ(cudaGraphInstantiate(&once, graph, 0), cudaSuccess);
  EXPECT_EQ(cudaGraphInstantiate(&twice, graph, 0), cudaSuccess);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  for (cudaGraphExec_t executable : {once, twice}) {
    EXPECT_NE(first_byte(), 5);
    EXPECT_EQ(cudaGraphLaunch(executable, second_), cudaSuccess);
    EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(second_), cudaSuccess);
    EXPECT_EQ(first_byte(), 5);
    *static_cast<unsigned char*>(pinned_) = 0;
  }
}

TEST_F(StandIn, ComplainsOfWhatNoProgramShouldDo) {
  EXPECT_EQ(cudaMemsetAsync(memory_, 0, kBytes + 1, first_), cudaErrorInvalidValue);
  EXPECT_EQ(cudaMemsetAsync(memory_, 0, kBytes, nullptr), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaMemcpyAsync(memory_, pinned_, kBytes, cudaMemcpyDeviceToHost, first_),
            cudaErrorInvalidValue);
  EXPECT_EQ(cudaFree(pinned_), cudaErrorInvalidValue);
  cudaStream_t gone = nullptr;
  EXPECT_EQ(cudaStreamCreateWithFlags(&gone, cudaStreamNonBlocking), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(gone), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(gone), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamSynchronize(gone), cudaErrorInvalidResourceHandle);
  // Six misuses; two streams, the event and two blocks are still there.
  EXPECT_EQ(stand_in::complaints().size(), 6u + 5u);
  TearDown();
  stand_in::reset({});
  SetUp();
}

TEST_F(StandIn, FailsAsItIsTold) {
  stand_in::fail("cudaMalloc", cudaErrorMemoryAllocation, 1);
  void* one = nullptr;
  void* other = nullptr;
  EXPECT_EQ(cudaMalloc(&one, 1), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&other, 1), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_EQ(cudaFree(one), cudaSuccess);
  EXPECT_EQ(stand_in::calls("cudaMalloc"), 3);
}

}  // namespace
}  // namespace lrcn::test
