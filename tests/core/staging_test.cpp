#include "core/staging.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/transfer.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif

namespace lrcn::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kBytes = 1000;

// The bytes of round `round`.
Bytes bytes_of(int round) {
  Bytes bytes(kBytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = std::uint8_t(std::size_t(round) * 7 + i);
  }
  return bytes;
}

void send(Staging& staging, int round) {
  const Bytes bytes = bytes_of(round);
  const std::span<std::byte> host = staging.next();
  ASSERT_EQ(host.size(), kBytes);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(host.data()));
  staging.send(kBytes);
}

Bytes receive(Context& context, Staging& staging) {
  Bytes bytes(kBytes);
  const Buffer& buffer = staging.arrive(context);
  EXPECT_EQ(buffer.device(), context.device());
  context.synchronize();
  download(bytes.data(), buffer.view(0, {{std::int64_t(kBytes)}, DType::u8}));
  staging.release(context);
  return bytes;
}

std::vector<Device> devices() {
#if LRCN_HAS_CUDA
  if (cuda::find_platform().problem.empty()) {
    return {Device::cpu(), Device::cuda(0)};
  }
#endif
  return {Device::cpu()};
}

std::string name_of(const testing::TestParamInfo<Device>& info) {
  return info.param.is_cpu() ? "cpu" : "cuda";
}

class StagingOn : public testing::TestWithParam<Device> {
 protected:
  Context context_{GetParam()};
};

TEST_P(StagingOn, BytesArriveInTheOrderInWhichTheyWereSent) {
  Staging staging(context_, kBytes);
  EXPECT_EQ(staging.bytes(), kBytes);
  send(staging, 0);
  for (int round = 0; round < 7; ++round) {
    send(staging, round + 1);  // while the one before is under way
    EXPECT_EQ(staging.under_way(), 2);
    EXPECT_EQ(receive(context_, staging), bytes_of(round)) << "round " << round;
    EXPECT_EQ(staging.under_way(), 1);
  }
  // And one at a time.
  EXPECT_EQ(receive(context_, staging), bytes_of(7));
  for (int round = 8; round < 12; ++round) {
    send(staging, round);
    EXPECT_EQ(receive(context_, staging), bytes_of(round)) << "round " << round;
  }
}

TEST_P(StagingOn, GoesWhileBytesAreUnderWay) {
  Staging staging(context_, kBytes);
  send(staging, 0);
  Staging other = std::move(staging);
  send(other, 1);
  EXPECT_EQ(receive(context_, other), bytes_of(0));
}

TEST_P(StagingOn, SendsLessThanASlotAndNothing) {
  Staging staging(context_, 64);
  staging.next()[9] = std::byte(5);
  staging.send(10);
  std::uint8_t byte = 0;
  download(&byte, staging.arrive(context_).view(9, {{1}, DType::u8}));
  EXPECT_EQ(byte, 5);
  staging.release(context_);
  staging.next();
  staging.send(0);
  staging.arrive(context_);
  staging.release(context_);
  Staging none(context_, 0);
  none.next();
  none.send(0);
  EXPECT_EQ(none.arrive(context_).bytes(), 0u);
}

TEST_P(StagingOn, RefusesStepsOutOfOrder) {
  Staging staging(context_, 16);
  EXPECT_THROW(staging.send(1), ArgumentError);
  EXPECT_THROW(staging.arrive(context_), ArgumentError);
  EXPECT_THROW(staging.release(context_), ArgumentError);
  staging.next();
  EXPECT_THROW(staging.send(17), ArgumentError);
  staging.send(16);
  EXPECT_THROW(staging.send(16), ArgumentError);
  EXPECT_THROW(staging.release(context_), ArgumentError);
  staging.next();
  staging.send(16);
  EXPECT_THROW(staging.next(), ArgumentError);
  staging.arrive(context_);
  EXPECT_THROW(staging.next(), ArgumentError);
  EXPECT_THROW(staging.arrive(context_), ArgumentError);
  staging.release(context_);
  EXPECT_NO_THROW(staging.next());
}

INSTANTIATE_TEST_SUITE_P(Devices, StagingOn, testing::ValuesIn(devices()), name_of);

}  // namespace
}  // namespace lrcn::test
