// One launch on the emulator.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/emulator/block.h"
#include "kernels/cuda/emulator/emulator.h"

namespace lrcn::cuda::emulator {

class Grid {
 public:
  Grid(Emulator& emulator, const LaunchShape& shape, const std::function<void()>& kernel);
  ~Grid();
  Grid(const Grid&) = delete;
  Grid& operator=(const Grid&) = delete;

  // Runs all blocks. Throws what went wrong in the first thread that failed.
  void run();
  // The body of every fiber: runs threads from their start as long as those are next.
  void run_threads(Fiber& fiber);

  // For the thread that is running.
  static Grid& current();
  void wait_at_barrier(const Site& site);
  void wait_at_meeting(const Meeting& meeting, const Site& site);
  void wait_at_grid_barrier(const Site& site);
  void spin(const Site& site);
  void note_progress() { spins_ = 0; }
  // Throws DeviceError unless the bytes lie in the shared memory of the block, at a multiple.
  void check_shared(const void* memory, std::size_t bytes, const Site& site) const;
  CopyQueue& copies();
  BankTraffic* bank_traffic() const { return emulator_.bank_traffic; }
  int poison() const;
  void* shared() const { return running_->block->shared(); }
  unsigned lane() const { return running_->lane(); }
  unsigned warp() const { return running_->number / 32; }
  std::string name_of_running() const { return running_->block->name_of(*running_); }

 private:
  struct Cancelled {};

  void start_block(Block& block);
  void arrive_at_grid_barrier(Thread& thread, const Site& site);
  Fiber& fiber_of(Thread& thread);
  void enter(Thread& thread);
  void wait();
  void finish(Thread& thread);
  void cancel();
  std::string deadlock() const;

  Emulator& emulator_;
  LaunchShape shape_;
  const std::function<void()>& kernel_;
  RunQueue queue_;
  std::vector<std::uint64_t> block_order_;
  std::size_t blocks_started_ = 0;
  std::vector<std::unique_ptr<Block>> blocks_;  // those alive
  std::vector<Thread*> at_grid_barrier_;
  std::uint64_t grid_barriers_ = 0;
  char grid_objects_[2] = {};  // as Block::Generations
  std::uint64_t spins_ = 0;    // since a thread got on
  Thread* running_ = nullptr;
  Thread* next_ = nullptr;  // chosen by a fiber that could not run it itself
  bool cancelling_ = false;
  std::exception_ptr failure_;
};

}  // namespace lrcn::cuda::emulator
