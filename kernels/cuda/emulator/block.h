// One block of threads: its shared memory, and where its threads wait for each other.
#pragma once

#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <vector>

#include "kernels/cuda/emulator/run_queue.h"

namespace lrcn::cuda::emulator {

class Block;
class Fiber;

// A place in a kernel where threads wait for each other.
struct Site {
  const char* operation = "";
  std::source_location place = {};

  // "__syncthreads at softmax.cu:41 (in void softmax_kernel(...))".
  std::string text() const;
  bool operator==(const Site& other) const;
};

struct Thread {
  Block* block = nullptr;
  uint3 index;
  unsigned number = 0;     // in the block
  Fiber* fiber = nullptr;  // none: has not started
  bool waits = false;
  Site site = {};  // where it waits

  unsigned lane() const { return number % 32; }
};

// What a lane brings to an operation of its warp. The last lane that arrives calls
// combine(slots, arrived) for all: slots[l] is that of lane l where bit l of arrived is set.
struct Meeting {
  std::uint32_t mask = 0;
  void* slot = nullptr;
  void (*combine)(void* const* slots, std::uint32_t arrived) = nullptr;
};

// Misuse throws DeviceError naming the threads and source lines.
class Block {
 public:
  explicit Block(const LaunchShape& shape);

  // Makes it block `index` of the grid, with all threads at their start and shared memory full of
  // bytes `poison`.
  void start(uint3 index, int poison);
  std::span<Thread> threads() { return threads_; }
  uint3 index() const { return index_; }
  void* shared() const { return shared_.get(); }
  bool is_done() const { return alive_ == 0; }

  // The thread arrives at a block barrier or an operation of its warp, and waits there. When it was
  // the last one, all of them are in the queue again.
  void arrive_at_barrier(Thread& thread, const Site& site, RunQueue& queue);
  void arrive_at_meeting(Thread& thread, const Meeting& meeting, const Site& site, RunQueue& queue);
  void exit(Thread& thread, RunQueue& queue);

  // "thread (3,0,0) of block (1,0,0)".
  std::string name_of(const Thread& thread) const;

 private:
  struct OpenMeeting {
    Meeting first;
    Site site;
    std::uint32_t arrived = 0;  // lanes; only their slots and threads are set
    void* slots[32];
    Thread* threads[32];

    OpenMeeting() {}  // leaves the arrays alone
  };
  struct Warp {
    std::uint32_t alive = 0;
    std::vector<OpenMeeting> open;
  };
  struct Free {
    void operator()(void* memory) const;
  };

  OpenMeeting& meeting_for(Warp& warp, const Thread& thread, const Meeting& meeting,
                           const Site& site);
  void close_if_complete(Warp& warp, std::size_t index, RunQueue& queue);
  void open_barrier_if_complete(RunQueue& queue);

  uint3 index_;
  unsigned alive_ = 0;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  std::vector<Thread*> at_barrier_;
  std::unique_ptr<void, Free> shared_;  // its own heap block, of the exact size
  std::size_t shared_bytes_ = 0;
};

}  // namespace lrcn::cuda::emulator
