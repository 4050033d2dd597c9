// Turning SIGINT and SIGTERM into a polite request to stop.
#pragma once

#include <csignal>

namespace lrcn {

// While it lives, the first signal is only remembered; a second one has its default effect and ends
// the process at once. The handlers of before come back with its end.
class SignalGuard {
 public:
  // Throws ArgumentError when another one lives: handlers belong to the process.
  SignalGuard();
  ~SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  bool requested() const noexcept { return signal() != 0; }
  // SIGINT, SIGTERM, or 0 while there was none.
  int signal() const noexcept;

 private:
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

}  // namespace lrcn
