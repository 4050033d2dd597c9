#include "core/repeated_work.h"

#if LRCN_HAS_CUDA
#include "core/cuda/recording.h"
#endif

namespace lrcn {

struct RepeatedWork::Recorded {
#if LRCN_HAS_CUDA
  Recorded(Context& context, const std::function<void()>& give) : recording(context, give) {}
  cuda::Recording recording;
#endif
};

RepeatedWork::RepeatedWork() = default;
RepeatedWork::RepeatedWork(RepeatedWork&&) noexcept = default;
RepeatedWork& RepeatedWork::operator=(RepeatedWork&&) noexcept = default;
RepeatedWork::~RepeatedWork() = default;

void RepeatedWork::give_to([[maybe_unused]] Context& context, [[maybe_unused]] const Key& key,
                           const std::function<void()>& give) {
#if LRCN_HAS_CUDA
  if (context.device().is_cuda() && !context.checks_launches()) {
    // The first time libraries are opened, weights are packed and memory is allocated.
    if (!given_ || key_ != key) {
      recorded_.reset();
      given_ = false;
      give();
      key_ = key;
      given_ = true;
      return;
    }
    if (recorded_ == nullptr) {
      recorded_ = std::make_unique<Recorded>(context, give);
    }
    recorded_->recording.launch(context);
    return;
  }
#endif
  give();
}

}  // namespace lrcn
