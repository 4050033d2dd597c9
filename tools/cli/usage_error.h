// What the caller of the command line got wrong.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace lrcn {

// Wrong flags, keys or values: exit code 2.
class UsageError final : public Error {
 public:
  using Error::Error;
};

constexpr std::int64_t kMostThreads = 1024;  // that a flag may ask for

// Throws UsageError "--batch: expected 1 to 4096, got 0" unless the value lies within.
inline void check_range(std::string_view flag, std::int64_t value, std::int64_t low,
                        std::int64_t high) {
  check<UsageError>(value >= low && value <= high, flag, ": expected ", low, " to ", high, ", got ",
                    value);
}

}  // namespace lrcn
