#include "tools/cli/exit_code.h"

#include <filesystem>

#include "tools/cli/usage_error.h"

namespace lrcn {

ExitCode exit_code_of(const std::exception& error) {
  const auto is = [&]<class E>() { return dynamic_cast<const E*>(&error) != nullptr; };
  if (is.operator()<UsageError>() || is.operator()<ArgumentError>()) {
    return kUsage;
  }
  if (is.operator()<DataError>()) {
    return kBadData;
  }
  if (is.operator()<NotFoundError>()) {
    return kNoInput;
  }
  if (is.operator()<IoError>() || is.operator()<std::filesystem::filesystem_error>()) {
    return kIoFailed;
  }
  return kInternal;
}

}  // namespace lrcn
