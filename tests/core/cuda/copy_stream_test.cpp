#include "core/cuda/copy_stream.h"

#include <algorithm>
#include <vector>

#include "core/cuda/event.h"
#include "core/cuda/stream.h"
#include "core/staging.h"
#include "tests/core/cuda/device_test.h"

namespace lrcn::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kBytes = 100;

class CudaCopyStream : public CudaDevice {
 protected:
  void SetUp() override {
    CudaDevice::SetUp();
    if (!IsSkipped()) {
      context_.emplace(Device::cuda(0));
    }
  }

  Context& context() { return *context_; }
  cuda::CopyStream& copies() { return context().handle<cuda::CopyStream>(); }

  static Buffer pinned(std::uint8_t value) {
    Buffer buffer = Buffer::allocate_pinned(kBytes);
    std::fill_n(reinterpret_cast<std::uint8_t*>(buffer.data()), kBytes, value);
    return buffer;
  }
  static Buffer target() { return Buffer::allocate(Device::cuda(0), kBytes); }
  // As an operation of the context reads it.
  Bytes read(const Buffer& buffer) {
    Bytes bytes(kBytes);
    cuda::download_in_order(context(), bytes.data(), buffer.data(), kBytes);
    return bytes;
  }

 private:
  std::optional<Context> context_;
};

TEST_F(CudaCopyStream, IsAnotherStreamThatTheContextKeeps) {
  EXPECT_NE(copies().stream(), context().stream());
  void* const stream = copies().stream();
  Context moved = std::move(context());
  EXPECT_EQ(moved.handle<cuda::CopyStream>().stream(), stream);
}

TEST_F(CudaCopyStream, IsWaitedForByTheContextOrTheHost) {
  const Buffer source = pinned(7);
  const Buffer first = target();
  const Buffer second = target();
  cuda::Event event(Device::cuda(0), cuda::Event::Use::order);
  copies().enqueue_upload(first.data(), source.data(), kBytes);
  event.record(copies().stream());
  event.enqueue_wait(context().stream());
  EXPECT_EQ(read(first), Bytes(kBytes, 7));
  copies().enqueue_upload(second.data(), source.data(), kBytes);
  event.record(copies().stream());
  event.wait();
  EXPECT_EQ(read(second), Bytes(kBytes, 7));
}

TEST_F(CudaCopyStream, WaitsForTheContextWhenItIsTold) {
  const Buffer source = pinned(7);
  const Buffer buffer = target();
  const Buffer kept = target();
  cuda::Event was_read(Device::cuda(0), cuda::Event::Use::order);
  cuda::Event copied(Device::cuda(0), cuda::Event::Use::order);
  cuda::enqueue_set_bytes(context(), buffer.data(), 3, kBytes);
  cuda::enqueue_copy(context(), kept.data(), buffer.data(), kBytes);
  was_read.record(context());
  was_read.enqueue_wait(copies().stream());
  copies().enqueue_upload(buffer.data(), source.data(), kBytes);
  copied.record(copies().stream());
  copied.enqueue_wait(context().stream());
  EXPECT_EQ(read(kept), Bytes(kBytes, 3));
  EXPECT_EQ(read(buffer), Bytes(kBytes, 7));
}

#if LRCN_CUDA_EMULATED
TEST_F(CudaCopyStream, ShowsThatNobodyWaited) {
  const Buffer source = pinned(7);
  const Buffer first = target();
  const Buffer second = target();
  cuda::Event between(Device::cuda(0), cuda::Event::Use::order);
  copies().enqueue_upload(first.data(), source.data(), kBytes);
  between.record(copies().stream());
  copies().enqueue_upload(second.data(), source.data(), kBytes);
  context().synchronize();  // of another stream
  EXPECT_EQ(read(first), Bytes(kBytes, 0xff));
  between.enqueue_wait(context().stream());
  EXPECT_EQ(read(first), Bytes(kBytes, 7));
  EXPECT_EQ(read(second), Bytes(kBytes, 0xff));
}

TEST_F(CudaCopyStream, ShowsThatTheHostWroteTooEarly) {
  const Buffer source = pinned(7);
  const Buffer buffer = target();
  cuda::Event event(Device::cuda(0), cuda::Event::Use::order);
  copies().enqueue_upload(buffer.data(), source.data(), kBytes);
  event.record(copies().stream());
  source.data()[1] = std::byte(8);
  event.wait();
  EXPECT_EQ(read(buffer)[1], 8);
  EXPECT_EQ(read(buffer)[0], 7);
}

// Staging with the wait left out: what is read instead of what was sent.
TEST_F(CudaCopyStream, ShowsThatASlotIsReadBeforeItArrives) {
  Staging staging(context(), kBytes);
  const auto send = [&](std::uint8_t value) {
    std::ranges::fill(staging.next(), std::byte(value));
    staging.send(kBytes);
  };
  send(1);
  const Buffer& slot = staging.arrive(context());
  EXPECT_EQ(read(slot), Bytes(kBytes, 1));
  staging.release(context());
  send(2);
  staging.arrive(context());
  staging.release(context());
  send(3);
  EXPECT_EQ(read(slot), Bytes(kBytes, 0xff));
  const Buffer& again = staging.arrive(context());
  ASSERT_EQ(&again, &slot);
  EXPECT_EQ(read(slot), Bytes(kBytes, 3));
}
#endif

}  // namespace
}  // namespace lrcn::test
