#include "core/stopwatch.h"

#include <chrono>
#include <optional>

#if LRCN_HAS_CUDA
#include "core/cuda/event.h"
#endif

namespace lrcn {

struct Stopwatch::Clock {
  explicit Clock(Context& given) : context(given) {
#if LRCN_HAS_CUDA
    if (context.device().is_cuda()) {
      begin.emplace(context.device());
      end.emplace(context.device());
    }
#endif
  }

  Context& context;
  std::chrono::steady_clock::time_point started;
#if LRCN_HAS_CUDA
  std::optional<cuda::Event> begin;
  std::optional<cuda::Event> end;
#endif
};

Stopwatch::Stopwatch(Context& context) : clock_(std::make_unique<Clock>(context)) {}

Stopwatch::~Stopwatch() = default;

void Stopwatch::start() {
#if LRCN_HAS_CUDA
  if (clock_->begin) {
    clock_->begin->record(clock_->context);
    return;
  }
#endif
  clock_->started = std::chrono::steady_clock::now();
}

double Stopwatch::stop() {
#if LRCN_HAS_CUDA
  if (clock_->end) {
    clock_->end->record(clock_->context);
    clock_->end->wait();
    return clock_->end->milliseconds_since(*clock_->begin);
  }
#endif
  const auto time = std::chrono::steady_clock::now() - clock_->started;
  return std::chrono::duration<double, std::milli>(time).count();
}

bool has_real_time(Device device) { return device.is_cpu() || LRCN_CUDA_EMULATED == 0; }

}  // namespace lrcn
