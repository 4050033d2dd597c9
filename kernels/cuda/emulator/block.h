// One block of threads: its shared memory, and where its threads wait for each other.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/cuda/emulator/copy_queue.h"
#include "kernels/cuda/emulator/run_queue.h"
#include "kernels/cuda/emulator/site.h"
#include "kernels/cuda/launch_shape.h"

namespace lrcn::cuda::emulator {

class Block;
class Fiber;

struct Thread {
  Block* block = nullptr;
  uint3 index;
  unsigned number = 0;     // in the block
  Fiber* fiber = nullptr;  // none: has not started
  bool waits = false;
  Site site = {};          // where it waits
  void* met_at = nullptr;  // what it acquires when it goes on
  std::unique_ptr<CopyQueue> copies = nullptr;

  unsigned lane() const { return number % 32; }
};

// What a lane brings to an operation of its warp. The last lane that arrives calls
// combine(slots, arrived) for all: slots[l] is that of lane l where bit l of arrived is set.
struct Meeting {
  std::uint32_t mask = 0;
  void* slot = nullptr;
  void (*combine)(void* const* slots, std::uint32_t arrived) = nullptr;
  bool whole_warp = false;  // not without lanes that have left
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
  // Whether the bytes lie in its shared memory.
  bool has_shared(const void* memory, std::size_t bytes) const;
  bool is_done() const { return alive_ == 0; }

  // To be called by a thread that begins, and by one that ends or fails.
  void enter();
  void leave();
  // To be called by the host when all threads have left.
  void join();
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
    char* met_at = nullptr;
    void* slots[32];
    Thread* threads[32];

    OpenMeeting() {}  // leaves the arrays alone
  };
  // What ThreadSanitizer knows barriers by. Those who are slow to leave one of them do not learn
  // from those who have arrived at the next.
  struct Generations {
    char objects[2] = {};
    unsigned current = 0;

    char* here() { return &objects[current % 2]; }
  };
  struct Warp {
    std::uint32_t alive = 0;
    Generations meetings;
    std::vector<OpenMeeting> open;
  };
  struct Free {
    void operator()(void* memory) const;
  };

  OpenMeeting& meeting_for(Warp& warp, const Thread& thread, const Meeting& meeting,
                           const Site& site);
  void check_canary() const;
  void close_if_complete(Warp& warp, std::size_t index, RunQueue& queue);
  void open_barrier_if_complete(RunQueue& queue);

  uint3 index_;
  unsigned alive_ = 0;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  std::vector<Thread*> at_barrier_;
  Generations barriers_;
  char begin_ = 0;
  char end_ = 0;
  std::unique_ptr<void, Free> shared_;  // its own heap block, of the exact size
  std::size_t shared_bytes_ = 0;        // without the canary behind them
};

}  // namespace lrcn::cuda::emulator
