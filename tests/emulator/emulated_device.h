// A context on the emulated device, with memory that kernels and tests both see.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/transfer.h"
#include "kernels/cuda/launch.h"

namespace lrcn::test {

using cuda::emulator::Order;
using cuda::emulator::Schedule;

// The orders that every kernel should agree under.
inline std::vector<Schedule> some_schedules() {
  std::vector<Schedule> schedules = {{.order = Order::forward}, {.order = Order::reverse}};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    schedules.push_back({.order = Order::shuffled, .seed = seed, .resident_blocks = 3});
  }
  return schedules;
}

class EmulatedDevice : public testing::Test {
 protected:
  Schedule& schedule() { return context_.handle<cuda::emulator::Emulator>().schedule; }

  // Device memory of `count` integers, -1 each.
  std::int32_t* integers(std::int64_t count) {
    const OwnedTensor& owned =
        memory_.emplace_back(Device::cuda(0), TensorSpec{{count}, DType::i32});
    set_bytes(context_, owned.tensor, 0xff);
    return owned.tensor.as<std::int32_t>();
  }
  std::vector<std::int32_t> read(const std::int32_t* data, std::int64_t count) const {
    std::vector<std::int32_t> values(static_cast<std::size_t>(count));
    download(values.data(),
             {const_cast<std::int32_t*>(data), {{count}, DType::i32}, Device::cuda(0)});
    return values;
  }

  // The message of the DeviceError that a launch of the kernel ends with.
  template <class... Parameters, class... Arguments>
  std::string failure(dim3 grid, dim3 block, std::size_t shared_bytes,
                      void (*kernel)(Parameters...), Arguments... arguments) {
    try {
      cuda::launch(context_, grid, block, shared_bytes, kernel, arguments...);
      return "(none)";
    } catch (const DeviceError& error) {
      return error.what();
    }
  }

  Context context_{Device::cuda(0)};

 private:
  std::vector<OwnedTensor> memory_;
};

inline std::string at_line(unsigned line) { return "_test.cpp:" + std::to_string(line) + " "; }

}  // namespace lrcn::test
