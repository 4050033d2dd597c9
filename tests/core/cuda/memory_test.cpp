#include <algorithm>
#include <numeric>
#include <vector>

#include "core/buffer.h"
#include "core/context.h"
#include "core/transfer.h"
#include "tests/core/cuda/device_test.h"

namespace lrcn::test {
namespace {

using CudaMemory = CudaDevice;
using Bytes = std::vector<std::uint8_t>;

Tensor bytes_of(const Buffer& buffer) {
  return buffer.view(0, {{std::int64_t(buffer.bytes())}, DType::u8});
}

Bytes read(const Tensor& tensor) {
  Bytes bytes(tensor.bytes());
  download(bytes.data(), tensor);
  return bytes;
}

TEST_F(CudaMemory, StartsAsZero) {
  for (const std::size_t size : {1u, 31u, 4096u, 1u << 20}) {
    const Buffer buffer = Buffer::allocate(Device::cuda(0), size);
    EXPECT_EQ(buffer.kind(), Buffer::Kind::device);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u);
    EXPECT_EQ(read(bytes_of(buffer)), Bytes(size, 0));
  }
}

TEST_F(CudaMemory, BelongsToItsDeviceEvenWhenThereIsNone) {
  const Buffer buffer = Buffer::allocate(Device::cuda(0), 0);
  EXPECT_FALSE(buffer);
  EXPECT_EQ(buffer.device(), Device::cuda(0));
  EXPECT_EQ(bytes_of(buffer).device, Device::cuda(0));
}

TEST_F(CudaMemory, ComesBackAsItWasSent) {
  const Buffer buffer = Buffer::allocate(Device::cuda(0), 1001);
  Bytes sent(1001);
  std::iota(sent.begin(), sent.end(), std::uint8_t{3});
  upload(bytes_of(buffer), sent.data());
  EXPECT_EQ(read(bytes_of(buffer)), sent);
}

TEST_F(CudaMemory, SetsOnlyTheBytesAskedFor) {
  Context context(Device::cuda(0));
  const Buffer buffer = Buffer::allocate(Device::cuda(0), 100);
  set_bytes(context, buffer.view(10, {{33}, DType::u8}), 0xff);
  context.synchronize();
  Bytes want(100, 0);
  std::fill_n(want.begin() + 10, 33, std::uint8_t{0xff});
  EXPECT_EQ(read(bytes_of(buffer)), want);
}

TEST_F(CudaMemory, EmptyTensorsNeedNoDevice) {
  const Buffer nothing = Buffer::allocate(Device::cuda(0), 0);
  EXPECT_FALSE(nothing);
  const Tensor empty = nothing.view(0, {{0, 5}});
  upload(empty, nullptr);
  download(nullptr, empty);
}

TEST_F(CudaMemory, SaysHowMuchWasAskedFor) {
  const std::size_t much = std::size_t(1) << 50;
  try {
    Buffer::allocate(Device::cuda(0), much);
    FAIL() << "expected a MemoryError";
  } catch (const MemoryError& error) {
    EXPECT_NE(std::string(error.what()).find(std::to_string(much)), std::string::npos)
        << error.what();
  }
  // The failure is not found again by what comes next.
  const Buffer little = Buffer::allocate(Device::cuda(0), 64);
  EXPECT_EQ(read(bytes_of(little)), Bytes(64, 0));
}

TEST_F(CudaMemory, PageLockedMemoryBelongsToTheHost) {
  const Buffer buffer = Buffer::allocate_pinned(1000);
  EXPECT_EQ(buffer.kind(), Buffer::Kind::pinned);
  EXPECT_TRUE(buffer.device().is_cpu());
  EXPECT_EQ(read(bytes_of(buffer)), Bytes(1000, 0));
}

}  // namespace
}  // namespace lrcn::test
