#include "kernels/cuda/divisor.h"

#include <gtest/gtest.h>

#include "core/rng.h"

namespace lrcn::test {
namespace {

constexpr std::int64_t kLargest = (std::int64_t(1) << 31) - 1;

void expect_divides(std::int64_t number, std::int64_t value) {
  const cuda::Divisor::Result result = cuda::Divisor(value)(std::int32_t(number));
  ASSERT_EQ(result.quotient, number / value) << number << " / " << value;
  ASSERT_EQ(result.remainder, number % value) << number << " % " << value;
}

TEST(Divisor, IsExactAroundItsMultiples) {
  for (const std::int64_t value :
       {std::int64_t(1), std::int64_t(2), std::int64_t(3), std::int64_t(7), std::int64_t(27),
        std::int64_t(641), std::int64_t(65536), std::int64_t(50176), kLargest - 1, kLargest}) {
    for (std::int64_t multiple = 0; multiple <= kLargest;
         multiple += value * (1 + kLargest / value / 1000)) {
      for (std::int64_t number = multiple - 1; number <= multiple + 1; ++number) {
        if (number >= 0 && number <= kLargest) {
          expect_divides(number, value);
        }
      }
    }
    expect_divides(kLargest, value);
  }
}

TEST(Divisor, IsExactForRandomNumbers) {
  const Random random(5, Purpose::generate);
  for (std::uint64_t i = 0; i < 100000; ++i) {
    const auto value = 1 + std::int64_t(random.below(std::uint32_t(kLargest), 0, i) >> (i % 31));
    expect_divides(std::int64_t(random.below(std::uint32_t(kLargest), 1, i)), value);
  }
}

TEST(Divisor, RefusesWhatItCannotDivideBy) {
  EXPECT_THROW(cuda::Divisor(0), ArgumentError);
  EXPECT_THROW(cuda::Divisor(-3), ArgumentError);
  EXPECT_THROW(cuda::Divisor(kLargest + 1), ArgumentError);
}

}  // namespace
}  // namespace lrcn::test
