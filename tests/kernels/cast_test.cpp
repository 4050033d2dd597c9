#include "kernels/cast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/transfer.h"
#include "tests/kernels/each_device.h"
#include "tests/kernels/test_tensor.h"

namespace lrcn::test {
namespace {

class Cast : public OnEachDevice {
 protected:
  std::vector<BFloat16> rounded(const std::vector<float>& values) {
    const Shape shape{std::int64_t(values.size())};
    const OwnedTensor x(device(), {shape});
    const OwnedTensor y(device(), {shape, DType::bf16});
    upload(x.tensor, values.data());
    cast(context(), x.tensor, y.tensor);
    context().synchronize();
    std::vector<BFloat16> result(values.size());
    download(result.data(), y.tensor);
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, Cast, testing::ValuesIn(test_devices()), name_of);

TEST_P(Cast, RoundsToNearestEvenAndBack) {
  for (const std::int64_t size : {0, 1, 2, 31, 33, 1001, 5003}) {
    const std::vector<float> values = random_floats(size, 5, -3.0f, 3.0f);
    const std::vector<BFloat16> got = rounded(values);
    const OwnedTensor x(device(), {{size}, DType::bf16});
    const OwnedTensor y(device(), {{size}});
    upload(x.tensor, got.data());
    cast(context(), x.tensor, y.tensor);
    context().synchronize();
    std::vector<float> back(values.size());
    download(back.data(), y.tensor);
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(got[i].bits, to_bfloat16(values[i]).bits) << values[i];
      ASSERT_EQ(back[i], to_float(got[i]));
    }
  }
}

TEST_P(Cast, WorksAtAnyAddress) {
  constexpr std::int64_t kSize = 37;
  const std::vector<float> values = random_floats(kSize, 6);
  for (const std::int64_t from : {0, 1}) {
    const OwnedTensor x(device(), {{kSize}});
    const OwnedTensor y(device(), {{kSize}, DType::bf16});
    upload(x.tensor, values.data());
    set_bytes(context(), y.tensor, 0);
    cast(context(), x.tensor.rows(from, kSize - 2), y.tensor.rows(2 - from, kSize - 2 * from));
    context().synchronize();
    std::vector<BFloat16> got(kSize);
    download(got.data(), y.tensor);
    for (std::int64_t i = 0; i < kSize; ++i) {
      const std::int64_t source = i - (2 - from) + from;
      const bool written = i >= 2 - from && i < kSize - 2 * from;
      EXPECT_EQ(got[std::size_t(i)].bits,
                written ? to_bfloat16(values[std::size_t(source)]).bits : 0)
          << i;
    }
  }
}

TEST_P(Cast, KeepsWhatIsNoNumber) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<BFloat16> got =
      rounded({std::nanf(""), kInfinity, -kInfinity, 0.0f, -0.0f, 3.4e38f, 1e-45f});
  EXPECT_TRUE(std::isnan(to_float(got[0])));
  EXPECT_EQ(to_float(got[1]), kInfinity);
  EXPECT_EQ(to_float(got[2]), -kInfinity);
  EXPECT_EQ(got[3].bits, 0x0000);
  EXPECT_EQ(got[4].bits, 0x8000);
  EXPECT_EQ(to_float(got[5]), kInfinity);  // beyond the largest bf16 by more than half a step
  EXPECT_EQ(got[6].bits, 0x0000);
}

TEST_P(Cast, RefusesOtherTypesAndShapes) {
  const OwnedTensor floats(device(), {{4}});
  const OwnedTensor halves(device(), {{5}, DType::bf16});
  const OwnedTensor ids(device(), {{4}, DType::i32});
  EXPECT_THROW(cast(context(), floats.tensor, halves.tensor), ArgumentError);
  EXPECT_THROW(cast(context(), floats.tensor, floats.tensor), ArgumentError);
  EXPECT_THROW(cast(context(), ids.tensor, floats.tensor), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
