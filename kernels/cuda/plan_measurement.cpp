#include "kernels/cuda/plan_measurement.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/cuda/device_info.h"
#include "core/cuda/event.h"
#include "core/cuda/memory.h"
#include "core/rng.h"

namespace lrcn::cuda {

std::string PlanMeasurement::device_name(Device device) {
  if (device_.empty()) {
    const Platform platform = find_platform();
    device_ =
        concat(platform.devices.at(std::size_t(device.index)).name, ", driver ", platform.driver);
  }
  return device_;
}

TimedRun timed_run(Context& context, std::function<void()> run) {
  struct Clock {
    explicit Clock(Device device) : begin(device), end(device) {}
    Event begin, end;
  };
  return [&context, run = std::move(run),
          clock = std::make_shared<Clock>(context.device())](int repetitions) {
    clock->begin.record(context);
    for (int i = 0; i < repetitions; ++i) {
      run();
    }
    clock->end.record(context);
    clock->end.wait();
    return 1e-3 * clock->end.milliseconds_since(clock->begin) / repetitions;
  };
}

Buffer allocate_operand(Context& context, std::size_t bytes) {
  constexpr std::size_t kPattern = std::size_t(1) << 20;
  Buffer buffer = Buffer::allocate(context.device(), bytes);
  // The same bf16 in both halves of a word is, as f32, within 2^-7 of it.
  std::vector<std::uint32_t> words(std::min(kPattern, bytes) / sizeof(std::uint32_t));
  for (std::size_t i = 0; i < words.size(); ++i) {
    const float value = Random::to_unit(std::uint32_t(i) * 2654435761u) - 0.5f;
    const std::uint32_t half = to_bfloat16(value).bits;
    words[i] = half << 16 | half;
  }
  const std::size_t pattern = words.size() * sizeof(std::uint32_t);
  for (std::size_t begin = 0; pattern > 0 && begin < bytes; begin += pattern) {
    copy_to_device(context.device(), buffer.data() + begin, words.data(),
                   std::min(pattern, bytes - begin));
  }
  return buffer;
}

}  // namespace lrcn::cuda
