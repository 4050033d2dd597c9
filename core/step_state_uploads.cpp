#include "core/step_state_uploads.h"

#if LRCN_HAS_CUDA

#include "core/cuda/event.h"
#include "core/cuda/stream.h"
#include "core/error.h"

namespace lrcn {
namespace {

constexpr std::size_t kSlots = 16;  // a host is seldom as many steps in front of its device

}  // namespace

StepStateUploads::StepStateUploads(Context& context)
    : slots_(Buffer::allocate_pinned(kSlots * sizeof(StepState))) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    sent_.push_back(std::make_unique<cuda::Event>(context.device(), cuda::Event::Use::order));
  }
}

// No copy may be left when the slots go.
StepStateUploads::~StepStateUploads() {
  try {
    for (const auto& event : sent_) {
      event->wait();
    }
  } catch (const Error&) {  // a device that failed copies no more
  }
}

void StepStateUploads::enqueue(const Context& context, const StepState& state) {
  const std::size_t slot = count_ % kSlots;
  sent_[slot]->wait();
  auto* const host = reinterpret_cast<StepState*>(slots_.data()) + slot;
  *host = state;
  cuda::enqueue_upload(context, context.step_state_memory(), host, sizeof(StepState));
  sent_[slot]->record(context);
  ++count_;
}

}  // namespace lrcn

#endif
