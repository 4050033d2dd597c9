// Whose kernels are planned for a while.
#pragma once

#include "core/context.h"
#include "kernels/nvidia_libraries.h"

namespace lrcn {

class ProviderScope {
 public:
  ProviderScope(Context& context, Provider provider)
      : context_(context), before_(context.provider()) {
    context.set_provider(provider);
  }
  ~ProviderScope() { context_.set_provider(before_); }
  ProviderScope(const ProviderScope&) = delete;
  ProviderScope& operator=(const ProviderScope&) = delete;

 private:
  Context& context_;
  Provider before_;
};

// Whether a build and a machine can run it on the device at all.
inline bool is_there(Device device, const NvidiaLibrary& library) {
  return device.is_cuda() && !library.version.empty();
}

}  // namespace lrcn
