#include "core/delayed_read.h"

#include "core/buffer.h"
#include "core/error.h"

#if LRCN_HAS_CUDA
#include "core/cuda/event.h"
#include "core/cuda/stream.h"
#endif

namespace lrcn {

struct DelayedRead::Arrival {
  std::int32_t* number() const { return reinterpret_cast<std::int32_t*>(memory.data()); }

  Buffer memory;  // of the host, which the device reaches
#if LRCN_HAS_CUDA
  std::unique_ptr<cuda::Event> event = {};  // none on the CPU
#endif
};

DelayedRead::DelayedRead(const Context& context)
    : arrival_(new Arrival{context.device().is_cpu()
                               ? Buffer::allocate(Device::cpu(), sizeof(std::int32_t))
                               : Buffer::allocate_pinned(sizeof(std::int32_t))}) {
#if LRCN_HAS_CUDA
  if (context.device().is_cuda()) {
    arrival_->event = std::make_unique<cuda::Event>(context.device(), cuda::Event::Use::order);
  }
#endif
}

DelayedRead::DelayedRead(DelayedRead&&) noexcept = default;
DelayedRead& DelayedRead::operator=(DelayedRead&&) noexcept = default;
DelayedRead::~DelayedRead() = default;

void DelayedRead::start(const Context& context, const Tensor& source) {
  check(source.elements() == 1, "delayed read: expected one number, got ", source.spec);
  const auto* number = source.as<std::int32_t>();
#if LRCN_HAS_CUDA
  if (arrival_->event != nullptr) {
    cuda::enqueue_download(context, arrival_->number(), number, sizeof(std::int32_t));
    arrival_->event->record(context);
    return;
  }
#endif
  (void)context;
  *arrival_->number() = *number;
}

std::int32_t DelayedRead::get() const {
#if LRCN_HAS_CUDA
  if (arrival_->event != nullptr) {
    arrival_->event->wait();
  }
#endif
  return *arrival_->number();
}

}  // namespace lrcn
