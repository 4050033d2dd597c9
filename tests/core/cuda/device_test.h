// Tests that need a CUDA device, real or emulated.
#pragma once

#include <gtest/gtest.h>

#include "core/cuda/device_info.h"

namespace lrcn::test {

// Skipped, with the reason, where there is no device.
class CudaDevice : public testing::Test {
 protected:
  void SetUp() override {
    const std::string problem = cuda::find_platform().problem;
    if (!problem.empty()) {
      GTEST_SKIP() << problem;
    }
  }
};

}  // namespace lrcn::test
