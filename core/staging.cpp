#include "core/staging.h"

#include <array>
#include <optional>

#include "core/error.h"

#if LRCN_HAS_CUDA
#include "core/cuda/copy_stream.h"
#include "core/cuda/event.h"
#endif

namespace lrcn {
namespace {

constexpr std::uint64_t kSlots = 2;

// A copy that runs beside the work of a device, with the two events that put it in order.
#if LRCN_HAS_CUDA
class SlotCopy {
 public:
  explicit SlotCopy(Context& context)
      : copies_(context.handle<cuda::CopyStream>()),
        arrived_(context.device(), cuda::Event::Use::order),
        released_(context.device(), cuda::Event::Use::order) {}

  void enqueue(const Buffer& target, const Buffer& source, std::size_t bytes) {
    if (is_released_) {
      released_.enqueue_wait(copies_.stream());
    }
    if (bytes > 0) {
      copies_.enqueue_upload(target.data(), source.data(), bytes);
    }
    arrived_.record(copies_.stream());
    is_sent_ = true;
  }
  void wait() const {
    if (is_sent_) {
      arrived_.wait();
    }
  }
  void enqueue_wait(const Context& context) const { arrived_.enqueue_wait(context.stream()); }
  void release(const Context& context) {
    released_.record(context);
    is_released_ = true;
  }

 private:
  cuda::CopyStream& copies_;
  cuda::Event arrived_;   // on the stream of copies
  cuda::Event released_;  // on the context's
  bool is_sent_ = false;  // ever
  bool is_released_ = false;
};
#else
class SlotCopy {
 public:
  explicit SlotCopy(const Context&) {}
  void enqueue(const Buffer&, const Buffer&, std::size_t) {}
  void wait() const {}
  void enqueue_wait(const Context&) const {}
  void release(const Context&) {}
};
#endif

}  // namespace

struct Staging::Impl {
  struct Slot {
    Buffer host;
    Buffer device;                 // empty where host memory is the device's
    std::optional<SlotCopy> copy;  // there with it
  };

  Impl(Context& context, std::size_t slot_bytes) : bytes(slot_bytes) {
    for (Slot& slot : slots) {
      if (context.device().is_cpu()) {
        slot.host = Buffer::allocate(context.device(), bytes);
        continue;
      }
      slot.host = Buffer::allocate_pinned(bytes);
      slot.device = Buffer::allocate(context.device(), bytes);
      slot.copy.emplace(context);
    }
  }

  // No copy may be left when its memory goes.
  ~Impl() {
    for (const Slot& slot : slots) {
      try {
        if (slot.copy) {
          slot.copy->wait();
        }
      } catch (const Error&) {  // a device that failed copies no more
      }
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Slot& slot(std::uint64_t number) { return slots[number % kSlots]; }

  std::size_t bytes;
  std::array<Slot, kSlots> slots;
  bool writing = false;  // next() was called and send() was not
  std::uint64_t sent = 0;
  std::uint64_t arrived = 0;
  std::uint64_t released = 0;
};

Staging::Staging(Context& context, std::size_t bytes)
    : impl_(std::make_unique<Impl>(context, bytes)) {}

Staging::~Staging() = default;
Staging::Staging(Staging&&) noexcept = default;
Staging& Staging::operator=(Staging&&) noexcept = default;

std::size_t Staging::bytes() const { return impl_->bytes; }

int Staging::under_way() const { return int(impl_->sent - impl_->arrived); }

std::span<std::byte> Staging::next() {
  check(impl_->sent - impl_->released < kSlots, "staging: next() needs a slot that was released");
  Impl::Slot& slot = impl_->slot(impl_->sent);
  if (slot.copy) {
    slot.copy->wait();
  }
  impl_->writing = true;
  return {slot.host.data(), impl_->bytes};
}

void Staging::send(std::size_t bytes) {
  check(impl_->writing, "staging: send() needs next() before it");
  check(bytes <= impl_->bytes, "staging: a slot holds ", impl_->bytes, " bytes, asked to send ",
        bytes);
  Impl::Slot& slot = impl_->slot(impl_->sent);
  if (slot.copy) {
    slot.copy->enqueue(slot.device, slot.host, bytes);
  }
  impl_->writing = false;
  ++impl_->sent;
}

const Buffer& Staging::arrive(Context& context) {
  check(impl_->arrived < impl_->sent, "staging: arrive() when nothing was sent");
  check(impl_->arrived == impl_->released, "staging: arrive() before release() of the last slot");
  Impl::Slot& slot = impl_->slot(impl_->arrived);
  if (slot.copy) {
    slot.copy->enqueue_wait(context);
  }
  ++impl_->arrived;
  return slot.copy ? slot.device : slot.host;
}

void Staging::release(Context& context) {
  check(impl_->released < impl_->arrived, "staging: release() of a slot that has not arrived");
  Impl::Slot& slot = impl_->slot(impl_->released);
  if (slot.copy) {
    slot.copy->release(context);
  }
  ++impl_->released;
}

}  // namespace lrcn
