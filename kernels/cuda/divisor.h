// Division of 32-bit numbers by a divisor that is known before the kernel starts: a multiplication
// and a shift in place of some twenty instructions (Granlund, Montgomery: "Division by invariant
// integers using multiplication", 1994, section 4).
#pragma once

#include <bit>
#include <cstdint>

#include "core/error.h"
#include "core/host_device.h"

namespace lrcn::cuda {

class Divisor {
 public:
  struct Result {
    std::int32_t quotient;
    std::int32_t remainder;
  };

  Divisor() = default;
  // Throws ArgumentError unless 1 <= value < 2^31.
  explicit Divisor(std::int64_t value) : value_(std::uint32_t(value)) {
    check(value >= 1 && value < (std::int64_t(1) << 31), "divisor: must be in [1, 2^31), got ",
          value);
    shift_ = unsigned(std::bit_width(value_ - 1));
    factor_ = std::uint32_t((((std::uint64_t(1) << shift_) - value_) << 32) / value_ + 1);
  }

  LRCN_HOST_DEVICE std::int32_t value() const { return std::int32_t(value_); }

  // For 0 <= number < 2^31.
  LRCN_HOST_DEVICE Result operator()(std::int32_t number) const {
    const auto n = std::uint32_t(number);
    const auto high = std::uint32_t((std::uint64_t(n) * factor_) >> 32);
    const std::uint32_t quotient = (high + n) >> shift_;
    return {std::int32_t(quotient), std::int32_t(n - quotient * value_)};
  }

 private:
  std::uint32_t value_ = 1;
  std::uint32_t factor_ = 1;
  unsigned shift_ = 0;
};

}  // namespace lrcn::cuda
