// The copies of an emulated stream: kept back until somebody waits for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace lrcn::cuda {

class LateCopies {
 public:
  // Until it is completed the target holds nothing but 0xff: as floats NaN, as integers -1.
  void add(void* target, const void* source, std::size_t bytes);
  // How many copies there were so far.
  std::uint64_t given() const { return completed_ + waiting_.size(); }
  // Completes the first `count` of all, with what their sources hold now.
  void complete(std::uint64_t count);

 private:
  struct Copy {
    void* target;
    const void* source;
    std::size_t bytes;
  };

  std::deque<Copy> waiting_;
  std::uint64_t completed_ = 0;
};

}  // namespace lrcn::cuda
