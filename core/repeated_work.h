// Work that a program gives to its device again and again, such as a training step.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/context.h"

namespace lrcn {

// Remembers the work of one place in a program. On a GPU the second time is recorded as a graph,
// which from then on costs one launch instead of one for each kernel.
class RepeatedWork {
 public:
  // Whatever decides which work is given and where its memory lies (Program::revision()).
  using Key = std::vector<std::uint64_t>;

  RepeatedWork();
  RepeatedWork(RepeatedWork&&) noexcept;
  RepeatedWork& operator=(RepeatedWork&&) noexcept;
  ~RepeatedWork();

  // Gives the work to the context. `give` is called the first two times with a key and repeated
  // without a call from then on; on the CPU, and when the context checks launches, it is called
  // every time. It must do nothing but give
  // operations to `context`, and at its second call neither wait, nor copy from or to the host, nor
  // allocate: DeviceError.
  void give_to(Context& context, const Key& key, const std::function<void()>& give);

 private:
  struct Recorded;
  Key key_;
  bool given_ = false;  // once, with key_
  std::unique_ptr<Recorded> recorded_;
};

}  // namespace lrcn
