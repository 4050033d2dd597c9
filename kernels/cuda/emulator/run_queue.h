// The threads of a grid that can go on.
#pragma once

#include <deque>

#include "core/rng.h"
#include "kernels/cuda/emulator/schedule.h"

namespace lrcn::cuda::emulator {

struct Thread;

class RunQueue {
 public:
  explicit RunQueue(const Schedule& schedule)
      : shuffled_(schedule.order == Order::shuffled), random_(schedule.seed, Purpose::shuffle) {}

  void push(Thread& thread) { threads_.push_back(&thread); }

  // The thread to go on with; nullptr when all wait.
  Thread* pop() {
    if (threads_.empty()) {
      return nullptr;
    }
    if (shuffled_) {
      std::swap(threads_.front(), threads_[draw(std::uint32_t(threads_.size()))]);
    }
    Thread* thread = threads_.front();
    threads_.pop_front();
    return thread;
  }

  bool is_shuffled() const { return shuffled_; }
  // A number below n.
  std::uint32_t draw(std::uint32_t n) { return random_.below(n, 0, draws_++); }

 private:
  std::deque<Thread*> threads_;
  bool shuffled_;
  Random random_;
  std::uint64_t draws_ = 0;
};

}  // namespace lrcn::cuda::emulator
