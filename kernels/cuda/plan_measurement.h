// How kernels of a CUDA device are measured while planning.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "core/context.h"
#include "kernels/fastest.h"

namespace lrcn::cuda {

// One for each context: context.handle<PlanMeasurement>().
struct PlanMeasurement {
  explicit PlanMeasurement(Context&) {}

  // An emulated device has no times worth knowing: there the planners' guesses are taken.
  bool enabled = !LRCN_CUDA_EMULATED;
  // Index of the fastest candidate; may be replaced where times do not matter.
  std::function<std::size_t(std::span<const TimedRun>)> fastest = fastest_of;
  // Device and driver, as parts of keys: "NVIDIA H200, driver 13.0".
  std::string device_name(Device device);

 private:
  std::string device_;
};

// A candidate that gives `run` to the stream of the context so many times, timed by its events.
TimedRun timed_run(Context& context, std::function<void()> run);

// Device memory of numbers between -0.5 and 0.5 when read as f32 or as bf16, none of them denormal.
Buffer allocate_operand(Context& context, std::size_t bytes);

}  // namespace lrcn::cuda
