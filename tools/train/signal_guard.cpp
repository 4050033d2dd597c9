#include "tools/train/signal_guard.h"

#include <atomic>
#include <cerrno>

#include "core/error.h"

namespace lrcn {
namespace {

// A handler can reach nothing but static memory; lock-free atomics are safe there.
std::atomic<int> received{0};
std::atomic<bool> guarded{false};
static_assert(std::atomic<int>::is_always_lock_free);

void remember(int signal) {
  if (received.exchange(signal) == 0) {
    return;
  }
  const int saved = errno;
  ::signal(signal, SIG_DFL);
  ::raise(signal);  // blocked while its handler runs, delivered right after
  errno = saved;
}

}  // namespace

SignalGuard::SignalGuard() {
  check(!guarded.exchange(true), "SignalGuard: there is one already");
  received = 0;
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &old_interrupt_);
  ::sigaction(SIGTERM, &action, &old_terminate_);
}

SignalGuard::~SignalGuard() {
  ::sigaction(SIGINT, &old_interrupt_, nullptr);
  ::sigaction(SIGTERM, &old_terminate_, nullptr);
  guarded = false;
}

int SignalGuard::signal() const noexcept { return received; }

}  // namespace lrcn
