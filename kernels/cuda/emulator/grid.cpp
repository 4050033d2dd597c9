#include "kernels/cuda/emulator/grid.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "kernels/cuda/emulator/fiber.h"
#include "kernels/cuda/emulator/sanitizers.h"

namespace lrcn::cuda::emulator {
namespace {

// What kernels call has no argument that leads to their grid.
constinit thread_local Grid* current_grid = nullptr;

// Turns of waiting loops, for each thread of the grid, without anything else happening.
constexpr std::uint64_t kMostSpins = 2000;

}  // namespace

Grid::Grid(Emulator& emulator, const LaunchShape& shape, const std::function<void()>& kernel)
    : emulator_(emulator),
      shape_(shape),
      kernel_(kernel),
      queue_(emulator.schedule),
      block_order_(std::size_t(shape.grid.x) * shape.grid.y * shape.grid.z) {
  check<DeviceError>(current_grid == nullptr, "emulated kernel: launched from within a kernel");
  current_grid = this;
  emulator_.grid_ = this;
  std::iota(block_order_.begin(), block_order_.end(), std::uint64_t{0});
  if (emulator.schedule.order == Order::reverse) {
    std::reverse(block_order_.begin(), block_order_.end());
  }
  for (std::size_t i = block_order_.size(); queue_.is_shuffled() && i > 1; --i) {
    std::swap(block_order_[i - 1], block_order_[queue_.draw(std::uint32_t(i))]);
  }
  const std::size_t alive =
      shape.cooperative ? block_order_.size()
                        : std::min<std::size_t>(std::max(1u, emulator.schedule.resident_blocks),
                                                block_order_.size());
  for (std::size_t i = 0; i < alive; ++i) {
    blocks_.push_back(std::make_unique<Block>(shape));
  }
}

Grid::~Grid() {
  for (const auto& block : blocks_) {
    block->join();
  }
  emulator_.grid_ = nullptr;
  current_grid = nullptr;
}

Grid& Grid::current() {
  check<DeviceError>(current_grid != nullptr, "emulated kernel: device code called by the host");
  return *current_grid;
}

void Grid::run() {
  const Unwatched emulator;
  blockDim = shape_.block;
  gridDim = shape_.grid;
  for (const auto& block : blocks_) {
    start_block(*block);
  }
  for (;;) {
    running_ = next_ != nullptr ? std::exchange(next_, nullptr) : queue_.pop();
    if (running_ == nullptr) {
      break;
    }
    fiber_of(*running_).resume();
    if (failure_) {
      cancel();
      std::rethrow_exception(failure_);
    }
  }
  const bool done =
      std::ranges::all_of(blocks_, [](const auto& block) { return block->is_done(); });
  if (!done) {
    const std::string message = deadlock();
    cancel();
    fail<DeviceError>(message);
  }
}

void Grid::start_block(Block& block) {
  const std::uint64_t number = block_order_[blocks_started_++];
  const std::uint64_t row = number / shape_.grid.x;
  block.start({unsigned(number % shape_.grid.x), unsigned(row % shape_.grid.y),
               unsigned(row / shape_.grid.y)},
              poison());
  const std::span<Thread> threads = block.threads();
  const bool reverse = emulator_.schedule.order == Order::reverse;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    queue_.push(threads[reverse ? threads.size() - 1 - i : i]);
  }
}

// ThreadSanitizer takes what runs on one fiber for one thread, so there each has its own.
Fiber& Grid::fiber_of(Thread& thread) {
  if (thread.fiber == nullptr && kFindsRaces) {
    const auto block = std::ranges::find(blocks_, thread.block, &std::unique_ptr<Block>::get);
    const auto slot = std::size_t(block - blocks_.begin());
    thread.fiber = &emulator_.fiber(slot * thread.block->threads().size() + thread.number);
  } else if (thread.fiber == nullptr) {
    thread.fiber = &emulator_.take_fiber();
  }
  return *thread.fiber;
}

void Grid::run_threads(Fiber& fiber) {
  for (Thread* thread = running_; thread != nullptr;) {
    running_ = thread;
    thread->fiber = &fiber;
    try {
      enter(*thread);
      thread->block->enter();
      kernel_();
      finish(*thread);
    } catch (const Cancelled&) {
      thread->block->leave();
      break;
    } catch (...) {
      failure_ = std::current_exception();
      thread->fiber = nullptr;  // nothing is left of it to be cancelled
      thread->block->leave();
      break;
    }
    const Unwatched emulator;
    thread = queue_.pop();
    if (thread != nullptr && (kFindsRaces || thread->fiber != nullptr)) {
      next_ = std::exchange(thread, nullptr);
    }
  }
  if (!kFindsRaces) {
    emulator_.idle_.push_back(&fiber);
  }
}

void Grid::enter(Thread& thread) {
  threadIdx = thread.index;
  blockIdx = thread.block->index();
}

void Grid::wait_at_barrier(const Site& site) {
  note_progress();
  {
    const Unwatched emulator;
    running_->block->arrive_at_barrier(*running_, site, queue_);
    wait();
  }
  acquire(running_->met_at);
}

void Grid::wait_at_meeting(const Meeting& meeting, const Site& site) {
  note_progress();
  {
    const Unwatched emulator;
    running_->block->arrive_at_meeting(*running_, meeting, site, queue_);
    wait();
  }
  acquire(running_->met_at);
}

void Grid::wait_at_grid_barrier(const Site& site) {
  Thread& me = *running_;
  check<DeviceError>(shape_.cooperative, "emulated kernel: ", site.text(),
                     ": the launch is not cooperative");
  if (!at_grid_barrier_.empty() && !(at_grid_barrier_[0]->site == site)) {
    const Thread& other = *at_grid_barrier_[0];
    fail<DeviceError>("emulated kernel: divergent grid barrier: ", other.block->name_of(other),
                      " waits for ", other.site.text(), ", ", me.block->name_of(me), " for ",
                      site.text());
  }
  note_progress();
  {
    const Unwatched emulator;
    arrive_at_grid_barrier(me, site);
    wait();
  }
  acquire(running_->met_at);
}

void Grid::arrive_at_grid_barrier(Thread& thread, const Site& site) {
  thread.waits = true;
  thread.site = site;
  thread.met_at = &grid_objects_[grid_barriers_ % 2];
  release(thread.met_at);
  at_grid_barrier_.push_back(&thread);
  // Threads that have left are missing here, as on a GPU.
  if (at_grid_barrier_.size() == blocks_.size() * thread.block->threads().size()) {
    ++grid_barriers_;
    for (Thread* waiting : std::exchange(at_grid_barrier_, {})) {
      waiting->waits = false;
      queue_.push(*waiting);
    }
  }
}

void Grid::spin(const Site& site) {
  const Unwatched emulator;
  Thread& me = *running_;
  me.waits = true;
  me.site = site;
  if (++spins_ > kMostSpins * blocks_.size() * me.block->threads().size()) {
    fail<DeviceError>(deadlock());
  }
  queue_.push(me);
  wait();
  me.waits = false;
}

void Grid::check_shared(const void* memory, std::size_t bytes, const Site& site) const {
  if (!running_->block->has_shared(memory, bytes) ||
      reinterpret_cast<std::uintptr_t>(memory) % bytes != 0) {
    fail<DeviceError>("emulated kernel: ", name_of_running(), ": address ", memory,
                      " is no multiple of ", bytes,
                      " bytes in the shared memory of the block: ", site.text());
  }
}

CopyQueue& Grid::copies() {
  if (running_->copies == nullptr) {
    running_->copies = std::make_unique<CopyQueue>();
  }
  return *running_->copies;
}

// Memory that nobody wrote: NaN, or large numbers, which show where NaN is passed over.
int Grid::poison() const { return emulator_.schedule.seed % 2 == 0 ? 0xff : 0x7f; }

// Lets the next thread run; the run queue brings this one back here.
void Grid::wait() {
  Thread& me = *running_;
  Thread* next = queue_.pop();
  if (next == nullptr) {
    me.fiber->pause();
  } else if (next != &me) {
    running_ = next;
    me.fiber->pause_for(fiber_of(*next));
  }
  if (cancelling_) {
    throw Cancelled();
  }
  enter(me);
}

void Grid::finish(Thread& thread) {
  Block& block = *thread.block;
  note_progress();
  if (thread.copies != nullptr) {
    thread.copies->finish();
  }
  block.leave();
  const Unwatched emulator;
  thread.fiber = nullptr;
  block.exit(thread, queue_);
  if (block.is_done() && blocks_started_ < block_order_.size()) {
    start_block(block);
  }
}

// Ends the threads that have begun, so that their stacks are empty when they are used again.
void Grid::cancel() {
  cancelling_ = true;
  for (const auto& block : blocks_) {
    for (Thread& thread : block->threads()) {
      if (thread.copies != nullptr) {
        thread.copies->drop();
      }
      if (thread.fiber != nullptr) {
        running_ = &thread;
        std::exchange(thread.fiber, nullptr)->resume();
      }
    }
  }
}

std::string Grid::deadlock() const {
  std::string message = "emulated kernel: deadlock:";
  for (const auto& block : blocks_) {
    std::map<std::string, std::vector<const Thread*>> places;
    for (const Thread& thread : block->threads()) {
      if (thread.waits) {
        places[thread.site.text()].push_back(&thread);
      }
    }
    for (const auto& [place, threads] : places) {
      message += concat(' ', block->name_of(*threads[0]), " and ", threads.size() - 1,
                        " more wait for ", place, ';');
    }
  }
  return message;
}

}  // namespace lrcn::cuda::emulator
