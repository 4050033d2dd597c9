#include "core/cuda/recording.h"

#include "core/cuda/emulated/work.h"
#include "core/error.h"

namespace lrcn::cuda {
namespace {

thread_local int recordings = 0;  // of this thread, not finished yet

void destroy(void* work) noexcept { delete static_cast<EmulatedWork*>(work); }

class Capture {
 public:
  Capture(EmulatedStream& stream, EmulatedWork& work) : stream_(stream) {
    check<DeviceError>(stream.recording == nullptr,
                       "recording of work: this context is being recorded already");
    stream.recording = &work;
    ++recordings;
  }
  ~Capture() {
    stream_.recording = nullptr;
    --recordings;
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

 private:
  EmulatedStream& stream_;
};

}  // namespace

void refuse_while_recording(const char* what) {
  check<DeviceError>(recordings == 0, what, ": not possible while work is being recorded");
}

Recording::Recording(const Context& context, const std::function<void()>& give)
    : graph_(new EmulatedWork, destroy) {
  const Capture capture(emulated_stream(context.stream()),
                        *static_cast<EmulatedWork*>(graph_.get()));
  give();
}

void Recording::launch(const Context& context) const {
  for (const auto& each : *static_cast<const EmulatedWork*>(graph_.get())) {
    give_work(context, each);
  }
}

}  // namespace lrcn::cuda
