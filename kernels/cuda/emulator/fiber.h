// A call that can pause in the middle and be resumed.
#pragma once

#include <boost/context/fiber.hpp>
#include <functional>

namespace lrcn::cuda::emulator {

// Runs `body` again and again on a stack of its own, a guard page below. Resumed and destroyed by
// one thread of the host, and destroyed only between two runs.
class Fiber {
 public:
  explicit Fiber(std::function<void(Fiber&)> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // From outside: starts a run of the body or goes on with it. Returns at its next pause or end.
  void resume();
  // From inside of the body: back to whoever resumed.
  void pause();
  // From inside of the body: pauses, and resumes `next`, which returns to whoever resumed this one.
  void pause_for(Fiber& next);

 private:
  using Context = boost::context::fiber;

  Context run(Context&& from);
  void arrive(Context&& from);

  // Who gave way in the latest switch; nullptr: whoever resumes from outside.
  static constinit thread_local Fiber* paused_;

  std::function<void(Fiber&)> body_;
  Context inside_;   // while paused
  Context outside_;  // while running
  bool ending_ = false;
  // AddressSanitizer has to be told of every change of stacks.
  const void* stack_ = nullptr;  // lowest address
  std::size_t stack_bytes_ = 0;
  const void* outer_stack_ = nullptr;
  std::size_t outer_stack_bytes_ = 0;
  void* inner_fake_stack_ = nullptr;
  // And ThreadSanitizer.
  void* race_context_ = nullptr;
  void* outer_race_context_ = nullptr;
};

}  // namespace lrcn::cuda::emulator
