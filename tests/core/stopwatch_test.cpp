#include "core/stopwatch.h"

#include <gtest/gtest.h>

#include "core/buffer.h"
#include "core/transfer.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif

namespace lrcn::test {
namespace {

void expect_times_that_add_up(Device device) {
  Context context(device);
  const OwnedTensor tensor(device, {{1 << 20}});
  Stopwatch outer(context);
  Stopwatch inner(context);
  outer.start();
  inner.start();
  set_bytes(context, tensor.tensor, 1);
  const double first = inner.stop();
  inner.start();
  set_bytes(context, tensor.tensor, 2);
  const double second = inner.stop();
  const double both = outer.stop();
  EXPECT_GT(first, 0.0);
  EXPECT_GT(second, 0.0);
  // Events of a GPU have a resolution of half a microsecond.
  EXPECT_GE(both, first + second - 0.01);
}

TEST(Stopwatch, MeasuresWhatLiesBetweenStartAndStopOnTheCpu) {
  expect_times_that_add_up(Device::cpu());
  EXPECT_TRUE(has_real_time(Device::cpu()));
}

#if LRCN_HAS_CUDA
TEST(Stopwatch, MeasuresWhatLiesBetweenStartAndStopOnADevice) {
  const cuda::Platform platform = cuda::find_platform();
  if (!platform.problem.empty()) {
    GTEST_SKIP() << platform.problem;
  }
  EXPECT_GT(platform.devices[0].cache, 0u);
  expect_times_that_add_up(Device::cuda(0));
  EXPECT_EQ(has_real_time(Device::cuda(0)), LRCN_CUDA_EMULATED == 0);
}
#endif

}  // namespace
}  // namespace lrcn::test
