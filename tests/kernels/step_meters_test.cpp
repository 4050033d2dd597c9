#include "kernels/step_meters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/transfer.h"
#include "tests/kernels/each_device.h"

namespace lrcn::test {
namespace {

class StepMetersTest : public OnEachDevice {
 protected:
  void add(float loss, float counted, float correct) {
    const OwnedTensor mean(device(), {{1}});
    const OwnedTensor tally(device(), {{2}});
    const float counts[2] = {counted, correct};
    upload(mean.tensor, &loss);
    upload(tally.tensor, counts);
    add_to_meters(context(), mean.tensor, tally.tensor, meters());
    context().synchronize();
  }
  StepMeters read() {
    StepMeters result;
    download(&result, meters());
    return result;
  }
  Tensor meters() {
    if (!meters_.tensor) {
      meters_ = OwnedTensor(device(), kStepMetersSpec);
    }
    return meters_.tensor;
  }
  float scale_after_check() {
    context().set_step_state({.gradient_scale = 0.25f});
    withhold_update(context(), meters());
    return context().step_state().gradient_scale;
  }

 private:
  OwnedTensor meters_;
};
INSTANTIATE_TEST_SUITE_P(Devices, StepMetersTest, testing::ValuesIn(test_devices()), name_of);

TEST_P(StepMetersTest, AddUpBatchesInDouble) {
  add(0.1f, 10.0f, 3.0f);
  add(2.5f, 1.0f, 0.0f);
  const StepMeters sum = read();
  EXPECT_EQ(sum.weighted_loss, double(0.1f) * 10.0 + 2.5);
  EXPECT_EQ(sum.loss, double(0.1f) + 2.5);
  EXPECT_EQ(sum.counted, 11.0);
  EXPECT_EQ(sum.correct, 3.0);
}

TEST_P(StepMetersTest, WithholdTheUpdateUnlessTheLossIsFinite) {
  add(0.1f, 10.0f, 3.0f);
  EXPECT_EQ(scale_after_check(), 0.25f);
  add(std::numeric_limits<float>::infinity(), 10.0f, 3.0f);
  EXPECT_TRUE(std::isnan(scale_after_check()));
}

TEST_P(StepMetersTest, RefuseOtherTensors) {
  const OwnedTensor one(device(), {{1}});
  const OwnedTensor two(device(), {{2}});
  EXPECT_THROW(add_to_meters(context(), two.tensor, two.tensor, meters()), ArgumentError);
  EXPECT_THROW(add_to_meters(context(), one.tensor, one.tensor, meters()), ArgumentError);
  EXPECT_THROW(add_to_meters(context(), one.tensor, two.tensor, one.tensor), ArgumentError);
  EXPECT_THROW(withhold_update(context(), two.tensor), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
