// Runs the tests of an operation on every device that the build has kernels for.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/context.h"

#if LRCN_HAS_CUDA
#include "core/cuda/device_info.h"
#endif
#if LRCN_CUDA_EMULATED
#include "kernels/cuda/emulator/emulator.h"
#endif

namespace lrcn::test {

struct TestDevice {
  const char* name;
  Device device;
  bool shuffled = false;  // emulated threads and blocks in an order drawn by lot
};

inline std::vector<TestDevice> test_devices() {
  std::vector<TestDevice> devices = {{"cpu", Device::cpu()}};
#if LRCN_HAS_CUDA
  devices.push_back({"cuda", Device::cuda(0)});
#endif
#if LRCN_CUDA_EMULATED
  devices.push_back({"cuda_shuffled", Device::cuda(0), true});
#endif
  return devices;
}

// Why nothing can run there; empty when it can.
inline std::string why_absent(const TestDevice& device) {
#if LRCN_HAS_CUDA
  return device.device.is_cpu() ? "" : cuda::find_platform().problem;
#else
  return device.device.is_cpu() ? "" : "built without CUDA";
#endif
}

inline Context open_context(const TestDevice& device) {
  Context context(device.device);
#if LRCN_CUDA_EMULATED
  if (device.shuffled) {
    context.handle<cuda::emulator::Emulator>().schedule = {
        .order = cuda::emulator::Order::shuffled, .seed = 3, .resident_blocks = 3};
  }
#endif
  return context;
}

inline std::string name_of(const testing::TestParamInfo<TestDevice>& info) {
  return info.param.name;
}

// Skipped, with the reason, where the device is absent.
class OnEachDevice : public testing::TestWithParam<TestDevice> {
 protected:
  void SetUp() override {
    const std::string reason = why_absent(GetParam());
    if (!reason.empty()) {
      GTEST_SKIP() << reason;
    }
  }
  // One for each test.
  Context& context() {
    if (!context_) {
      context_.emplace(open_context(GetParam()));
    }
    return *context_;
  }
  Device device() const { return GetParam().device; }

 private:
  std::optional<Context> context_;
};

}  // namespace lrcn::test
