// The flags that say where and how precisely a verb computes.
#pragma once

#include <string>

#include "core/context.h"
#include "tools/cli/options.h"

namespace lrcn {

class ComputeOptions {
 public:
  // Declares --device, --precision and --check-launches.
  void declare(Options& options);
  // Declares --provider.
  void declare_provider(Options& options);
  // Throws ArgumentError for malformed values, UsageError for a precision or provider that the
  // device does not offer, DeviceError.
  Context context() const;

 private:
  std::string device_ = "cpu";
  std::string precision_ = "f32";
  bool checks_launches_ = false;
  std::string provider_ = "auto";
};

}  // namespace lrcn
