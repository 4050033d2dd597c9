#include "kernels/cuda/emulator/copy_queue.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "kernels/cuda/emulator/sanitizers.h"

namespace lrcn::cuda::emulator {
namespace {

// AddressSanitizer keeps account of 8 bytes at a time.
bool can_be_forbidden(const AsyncCopy& copy) { return copy.bytes >= 8; }

}  // namespace

void CopyQueue::add(const AsyncCopy& copy, const CopiedBytes& value, int poison, const Site& site) {
  copies_.push_back({copy, open_group_, value, poison, site});
  ++in_open_group_;
  if (can_be_forbidden(copy)) {
    forbid(copy.shared, std::size_t(copy.bytes));
  }
}

std::string CopyQueue::wait(std::uint64_t pending) {
  const std::uint64_t before = open_group_ - std::min(open_group_, pending);
  std::string problem;
  std::size_t done = 0;
  for (; done < copies_.size() && copies_[done].group < before; ++done) {
    const Copy& copy = copies_[done];
    if (can_be_forbidden(copy.call)) {
      permit(copy.call.shared, std::size_t(copy.call.bytes));
    }
    if (problem.empty()) {
      problem = problem_of(copy);
    }
    complete(copy);
  }
  copies_.erase(copies_.begin(), copies_.begin() + std::ptrdiff_t(done));
  return problem;
}

std::string CopyQueue::problem_of(const Copy& copy) {
  const auto* target = static_cast<const std::byte*>(copy.call.shared);
  const bool untouched = std::all_of(target, target + copy.call.bytes, [&](std::byte byte) {
    return byte == std::byte(copy.poison);
  });
  if (!untouched) {
    return concat("the target was written before the copy was waited for: ", copy.site.text());
  }
  const auto present = std::size_t(copy.call.present);  // 0: the source may be absent
  if (present > 0 && std::memcmp(copy.value.data(), copy.call.global, present) != 0) {
    return concat("the source was written before the copy was waited for: ", copy.site.text());
  }
  return {};
}

void CopyQueue::complete(const Copy& copy) {
  const Unwatched emulator;  // ThreadSanitizer knows the line where the copy began
  std::memcpy(copy.call.shared, copy.value.data(), std::size_t(copy.call.bytes));
}

void CopyQueue::finish() {
  commit();
  wait(0);
}

void CopyQueue::drop() {
  for (const Copy& copy : copies_) {
    if (can_be_forbidden(copy.call)) {
      permit(copy.call.shared, std::size_t(copy.call.bytes));
    }
  }
  copies_.clear();
}

}  // namespace lrcn::cuda::emulator
