#include "kernels/cuda/emulator/block.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "core/error.h"
#include "kernels/cuda/emulator/sanitizers.h"

namespace lrcn::cuda::emulator {
namespace {

// Behind the shared memory, where AddressSanitizer does not watch it.
constexpr unsigned char kCanary = 0xa5;
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kCanaryBytes = 0;
#else
constexpr std::size_t kCanaryBytes = 128;
#endif

void wake(Thread& thread, RunQueue& queue) {
  thread.waits = false;
  queue.push(thread);
}

std::string coordinates(uint3 p) { return concat('(', p.x, ',', p.y, ',', p.z, ')'); }

}  // namespace

void Block::Free::operator()(void* memory) const { std::free(memory); }

Block::Block(const LaunchShape& shape)
    : threads_(std::size_t(shape.block.x) * shape.block.y * shape.block.z),
      warps_((threads_.size() + 31) / 32),
      shared_bytes_(shape.shared_bytes) {
  constexpr std::size_t kAlignment = 128;
  void* memory = nullptr;
  check<MemoryError>(posix_memalign(&memory, kAlignment, shared_bytes_ + kCanaryBytes) == 0,
                     "shared memory: ", shared_bytes_, " bytes could not be had");
  shared_.reset(memory);
  std::memset(static_cast<char*>(memory) + shared_bytes_, kCanary, kCanaryBytes);
  unsigned number = 0;
  for (unsigned z = 0; z < shape.block.z; ++z) {
    for (unsigned y = 0; y < shape.block.y; ++y) {
      for (unsigned x = 0; x < shape.block.x; ++x, ++number) {
        threads_[number].block = this;
        threads_[number].index = {x, y, z};
        threads_[number].number = number;
      }
    }
  }
}

void Block::start(uint3 index, int poison) {
  index_ = index;
  alive_ = unsigned(threads_.size());
  acquire(&end_);  // of those who had the memory before
  if (shared_bytes_ > 0) {
    std::memset(shared_.get(), poison, shared_bytes_);
  }
  for (Thread& thread : threads_) {
    thread.fiber = nullptr;
    warps_[thread.number / 32].alive |= 1u << thread.lane();
  }
  release(&begin_);
}

void Block::enter() { acquire(&begin_); }
void Block::leave() { release(&end_); }
void Block::join() { acquire(&end_); }

bool Block::has_shared(const void* memory, std::size_t bytes) const {
  const auto begin = reinterpret_cast<std::uintptr_t>(shared_.get());
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  return address >= begin && address + bytes <= begin + shared_bytes_;
}

void Block::arrive_at_barrier(Thread& thread, const Site& site, RunQueue& queue) {
  if (!at_barrier_.empty() && !(at_barrier_[0]->site == site)) {
    fail<DeviceError>("emulated kernel: divergent barrier: ", name_of(*at_barrier_[0]),
                      " waits for ", at_barrier_[0]->site.text(), ", ", name_of(thread), " for ",
                      site.text());
  }
  thread.waits = true;
  thread.site = site;
  thread.met_at = barriers_.here();
  release(thread.met_at);
  at_barrier_.push_back(&thread);
  open_barrier_if_complete(queue);
}

void Block::open_barrier_if_complete(RunQueue& queue) {
  if (at_barrier_.empty() || at_barrier_.size() < alive_) {
    return;
  }
  for (Thread* waiting : at_barrier_) {
    wake(*waiting, queue);
  }
  ++barriers_.current;
  at_barrier_.clear();
}

void Block::arrive_at_meeting(Thread& thread, const Meeting& meeting, const Site& site,
                              RunQueue& queue) {
  Warp& warp = warps_[thread.number / 32];
  if ((meeting.mask >> thread.lane() & 1u) == 0) {
    fail<DeviceError>("emulated kernel: ", name_of(thread), " is not in the mask of its own ",
                      site.text());
  }
  OpenMeeting& open = meeting_for(warp, thread, meeting, site);
  const unsigned lane = thread.lane();
  open.arrived |= 1u << lane;
  open.slots[lane] = meeting.slot;
  open.threads[lane] = &thread;
  thread.waits = true;
  thread.site = site;
  thread.met_at = open.met_at;
  release(thread.met_at);
  close_if_complete(warp, std::size_t(&open - warp.open.data()), queue);
}

Block::OpenMeeting& Block::meeting_for(Warp& warp, const Thread& thread, const Meeting& meeting,
                                       const Site& site) {
  for (OpenMeeting& open : warp.open) {
    if ((open.first.mask & meeting.mask) == 0) {
      continue;
    }
    const Thread& other = *open.threads[std::countr_zero(open.arrived)];
    if (open.first.mask != meeting.mask || !(open.site == site)) {
      fail<DeviceError>("emulated kernel: divergent warp: ", name_of(other), " waits for ",
                        open.site.text(), " with mask ", open.first.mask, ", ", name_of(thread),
                        " for ", site.text(), " with mask ", meeting.mask);
    }
    return open;
  }
  OpenMeeting& open = warp.open.emplace_back();
  open.first = meeting;
  open.site = site;
  open.met_at = warp.meetings.here();
  return open;
}

void Block::close_if_complete(Warp& warp, std::size_t index, RunQueue& queue) {
  OpenMeeting& open = warp.open[index];
  if (open.arrived != (open.first.mask & warp.alive)) {
    return;
  }
  if (open.first.whole_warp && open.arrived != 0xffffffffu) {
    fail<DeviceError>("emulated kernel: lanes have left the warp of ",
                      name_of(*open.threads[std::countr_zero(open.arrived)]),
                      ", which needs all of them for ", open.site.text());
  }
  acquire(open.met_at);
  open.first.combine(open.slots, open.arrived);
  release(open.met_at);
  ++warp.meetings.current;
  for (std::uint32_t left = open.arrived; left != 0; left &= left - 1) {
    wake(*open.threads[std::countr_zero(left)], queue);
  }
  warp.open.erase(warp.open.begin() + std::ptrdiff_t(index));
}

void Block::exit(Thread& thread, RunQueue& queue) {
  --alive_;
  Warp& warp = warps_[thread.number / 32];
  warp.alive &= ~(1u << thread.lane());
  for (std::size_t i = warp.open.size(); i-- > 0;) {
    close_if_complete(warp, i, queue);
  }
  open_barrier_if_complete(queue);
  if (alive_ == 0) {
    check_canary();
  }
}

void Block::check_canary() const {
  const auto* canary = static_cast<const unsigned char*>(shared_.get()) + shared_bytes_;
  const bool intact =
      std::all_of(canary, canary + kCanaryBytes, [](unsigned char c) { return c == kCanary; });
  if (!intact) {
    fail<DeviceError>("emulated kernel: block ", coordinates(index_), " wrote beyond its ",
                      shared_bytes_, " bytes of shared memory; AddressSanitizer names the line");
  }
}

std::string Block::name_of(const Thread& thread) const {
  return concat("thread ", coordinates(thread.index), " of block ", coordinates(index_));
}

}  // namespace lrcn::cuda::emulator
