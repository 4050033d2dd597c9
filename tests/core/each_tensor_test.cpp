#include "core/each_tensor.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace lrcn {
namespace {

struct Weights {
  Tensor weight = {};
  Tensor bias = {};
};

struct Arguments {
  Weights weights = {};
  float scale = 1.0f;
  Tensor x = {};
  std::span<const int> numbers = {};
  bool relu = false;
};

Tensor on(Device device, float& memory) { return {&memory, {{1}}, device}; }

TEST(EachTensor, FindsThoseInNestedAggregatesAndSpans) {
  float a = 0, b = 0, c = 0;
  const Arguments arguments{.weights = {on(Device::cpu(), a), {}}, .x = on(Device::cpu(), b)};
  const std::array many{on(Device::cpu(), c), on(Device::cpu(), a)};
  std::vector<const void*> seen;
  const auto see = [&](const Tensor& tensor) { seen.push_back(tensor.data); };
  each_tensor(arguments, see);
  each_tensor(std::span<const Tensor>(many), see);
  each_tensor(many[0], see);
  each_tensor(3, see);
  EXPECT_EQ(seen, (std::vector<const void*>{&a, nullptr, &b, &c, &a, &c}));
}

TEST(CheckDevices, NamesATensorThatLiesElsewhere) {
  float a = 0, b = 0;
  const Arguments arguments{.weights = {{}, on(Device::cuda(1), a)}, .x = on(Device::cpu(), b)};
  check_devices("relu", Device::cpu(), 3, arguments.x, Tensor{});
  try {
    check_devices("relu", Device::cpu(), arguments);
    FAIL() << "accepted";
  } catch (const ArgumentError& error) {
    EXPECT_EQ(std::string(error.what()), "relu: runs on cpu, but was given f32[1] on cuda:1");
  }
}

}  // namespace
}  // namespace lrcn
