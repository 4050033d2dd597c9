// What the caller of the command line got wrong.
#pragma once

#include "core/error.h"

namespace lrcn {

// Wrong flags, keys or values: exit code 2.
class UsageError final : public Error {
 public:
  using Error::Error;
};

}  // namespace lrcn
