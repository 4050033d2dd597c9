// A number of the device that the host wants to know, but not at once.
#pragma once

#include <cstdint>
#include <memory>

#include "core/context.h"
#include "core/tensor.h"

namespace lrcn {

// Brings one i32 to the host behind the work given so far, while more work can be given.
class DelayedRead {
 public:
  explicit DelayedRead(const Context& context);
  DelayedRead(DelayedRead&&) noexcept;
  DelayedRead& operator=(DelayedRead&&) noexcept;
  ~DelayedRead();

  // source: i32 [1].
  void start(const Context& context, const Tensor& source);
  // What was started last. Waits for the device to come so far.
  std::int32_t get() const;

 private:
  struct Arrival;
  std::unique_ptr<Arrival> arrival_;
};

}  // namespace lrcn
