#include "core/cuda/emulated/late_copies.h"

#include <cstring>

namespace lrcn::cuda {

void LateCopies::add(void* target, const void* source, std::size_t bytes) {
  constexpr int kPoison = 0xff;
  std::memset(target, kPoison, bytes);
  waiting_.push_back({target, source, bytes});
}

void LateCopies::complete(std::uint64_t count) {
  while (completed_ < count && !waiting_.empty()) {
    const Copy& copy = waiting_.front();
    std::memcpy(copy.target, copy.source, copy.bytes);
    waiting_.pop_front();
    ++completed_;
  }
}

}  // namespace lrcn::cuda
