// Bytes on their way to a device while it computes.
//
// There are two slots, each with page-locked memory of the host and memory of the device, so that
// one can be filled and copied while the device reads the other. Round after round:
//
//   staging.next()            the host writes here
//   staging.send(bytes)       the copy begins, beside the work of the device
//   staging.arrive(context)   the device finds the bytes here
//   ... operations that read them ...
//   staging.release(context)  the slot may be used again, once these are done
//
// On the CPU nothing is copied: arrive() gives what next() gave.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/buffer.h"
#include "core/context.h"

namespace lrcn {

// All but the destructor throw DeviceError when the device fails. The context outlives the staging,
// and it is the same one in all calls.
class Staging {
 public:
  // Slots of `bytes` each. Throws MemoryError with the size asked for.
  Staging(Context& context, std::size_t bytes);
  ~Staging();
  Staging(Staging&&) noexcept;
  Staging& operator=(Staging&&) noexcept;

  std::size_t bytes() const;  // of a slot
  // How many slots were sent and have not arrived.
  int under_way() const;

  // All of the next slot, aligned to 64 bytes. Waits until the last copy from it has ended. Throws
  // ArgumentError when neither slot was released.
  std::span<std::byte> next();
  // Sends the first `bytes` of what next() gave, behind the operations that read the slot before.
  // Throws ArgumentError without next(), and for more bytes than there are.
  void send(std::size_t bytes);
  // The slot that was sent first of those that have not arrived; what is given to the context from
  // now on waits for it. Throws ArgumentError when nothing is under way or the slot before was not
  // released.
  const Buffer& arrive(Context& context);
  // Behind the last operation that reads the slot. Throws ArgumentError without arrive().
  void release(Context& context);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lrcn
