#include "core/repeated_work.h"

#include <optional>
#include <vector>

#include "core/buffer.h"
#include "core/delayed_read.h"
#include "core/error.h"
#include "core/transfer.h"
#include "tests/core/cuda/device_test.h"

#if LRCN_HAS_CUDA
#include "core/cuda/stream.h"
#endif

namespace lrcn::test {
namespace {

TEST(RepeatedWork, IsCalledEveryTimeOnTheCpu) {
  Context context(Device::cpu());
  RepeatedWork work;
  int calls = 0;
  for (int i = 0; i < 3; ++i) {
    work.give_to(context, {1}, [&] { ++calls; });
  }
  EXPECT_EQ(calls, 3);
}

#if LRCN_HAS_CUDA

class CudaRepeatedWork : public CudaDevice {
 protected:
  // target = source, as work.
  void give(const RepeatedWork::Key& key) {
    work_.give_to(*context_, key, [this] {
      ++calls_;
      cuda::enqueue_copy(*context_, target_.tensor.data, source_.tensor.data, 16);
    });
  }
  void SetUp() override {
    CudaDevice::SetUp();
    if (!IsSkipped()) {
      context_.emplace(Device::cuda(0));
      source_ = OwnedTensor(Device::cuda(0), {{4}});
      target_ = OwnedTensor(Device::cuda(0), {{4}});
    }
  }
  void set_source(float value) {
    const std::vector<float> values(4, value);
    context_->synchronize();
    upload(source_.tensor, values.data());
  }
  float target() {
    context_->synchronize();
    std::vector<float> values(4);
    download(values.data(), target_.tensor);
    return values[3];
  }

  std::optional<Context> context_;
  OwnedTensor source_, target_;
  RepeatedWork work_;
  int calls_ = 0;
};

TEST_F(CudaRepeatedWork, IsRecordedTheSecondTimeAndRepeatedWithTheDataOfThen) {
  for (int i = 1; i <= 5; ++i) {
    set_source(float(i));
    give({7});
    EXPECT_EQ(target(), float(i));
    EXPECT_EQ(calls_, std::min(i, 2));
  }
}

TEST_F(CudaRepeatedWork, IsRecordedAnewForAnotherKey) {
  for (const std::uint64_t key : {1, 1, 1, 2, 2, 2}) {
    set_source(float(key));
    give({key});
    EXPECT_EQ(target(), float(key));
  }
  EXPECT_EQ(calls_, 4);
}

TEST_F(CudaRepeatedWork, RefusesToRecordWhatTouchesTheHost) {
  float host[4] = {};
  const auto refuses = [&](const std::function<void()>& touch) {
    RepeatedWork work;
    work.give_to(*context_, {}, touch);  // allowed as long as nothing is recorded
    EXPECT_THROW(work.give_to(*context_, {}, touch), DeviceError);
    set_source(3.0f);  // and afterwards
  };
  refuses([&] { context_->synchronize(); });
  refuses([&] { upload(source_.tensor, host); });
  refuses([&] { download(host, source_.tensor); });
  refuses([&] { context_->set_step_state({}); });
  refuses([&] { context_->step_state(); });
  DelayedRead later(*context_);
  const OwnedTensor number(Device::cuda(0), {{1}, DType::i32});
  refuses([&] { later.start(*context_, number.tensor); });
  refuses([&] { Buffer::allocate(Device::cuda(0), 64); });
}

TEST_F(CudaRepeatedWork, LeavesTheContextUsableWhenItThrows) {
  RepeatedWork work;
  int calls = 0;
  const auto throws_at_once = [&] {
    if (++calls == 2) {
      fail<ArgumentError>("no");
    }
  };
  work.give_to(*context_, {}, throws_at_once);
  EXPECT_THROW(work.give_to(*context_, {}, throws_at_once), ArgumentError);
  set_source(9.0f);
  give({1});
  EXPECT_EQ(target(), 9.0f);
  work.give_to(*context_, {}, throws_at_once);
  EXPECT_EQ(calls, 3);
}

#endif

}  // namespace
}  // namespace lrcn::test
