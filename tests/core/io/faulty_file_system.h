// The real file system with one call that fails, or at which the process is killed.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "core/io/file_system.h"

namespace lrcn::test {

class FaultyFileSystem final : public FileSystem {
 public:
  enum class Fault { none, error, kill };

  Fault fault = Fault::none;
  std::size_t at = 0;  // the call that fails or kills, counted from 0
  int code = EIO;
  bool can_exchange = true;
  std::size_t largest_write = std::size_t(-1);
  bool interrupts = false;  // every other read and write fails with EINTR
  mutable int open_files = 0;
  mutable std::vector<std::string> log;  // names of the calls so far

  int open(const char* path, int flags, mode_t mode) const override {
    const int descriptor = happens("open") ? -1 : posix_file_system().open(path, flags, mode);
    open_files += descriptor >= 0;
    return descriptor;
  }
  ssize_t read(int descriptor, void* data, std::size_t size) const override {
    return happens("read") || interrupted() ? -1 : posix_file_system().read(descriptor, data, size);
  }
  ssize_t write(int descriptor, const void* data, std::size_t size) const override {
    if (happens("write") || interrupted()) {
      return -1;
    }
    return posix_file_system().write(descriptor, data, std::min(size, largest_write));
  }
  // Does nothing: these tests cut no power, and thousands of real ones take long.
  int fsync(int) const override { return happens("fsync") ? -1 : 0; }
  int close(int descriptor) const override {
    const bool fails = happens("close");
    const int result = posix_file_system().close(descriptor);  // closed even when it fails
    --open_files;
    if (fails) {
      errno = code;
    }
    return fails ? -1 : result;
  }
  int rename(const char* from, const char* to) const override {
    return happens("rename") ? -1 : posix_file_system().rename(from, to);
  }
  int exchange(const char* first, const char* second) const override {
    if (happens("exchange")) {
      return -1;
    }
    if (!can_exchange) {
      errno = EINVAL;
      return -1;
    }
    return posix_file_system().exchange(first, second);
  }
  int unlink(const char* path) const override {
    return happens("unlink") ? -1 : posix_file_system().unlink(path);
  }
  int rmdir(const char* path) const override {
    return happens("rmdir") ? -1 : posix_file_system().rmdir(path);
  }

 private:
  bool happens(const char* call) const {
    const bool now = fault != Fault::none && log.size() == at;
    log.emplace_back(call);
    if (now && fault == Fault::kill) {
      ::kill(::getpid(), SIGKILL);
    }
    if (now) {
      errno = code;
    }
    return now;
  }
  bool interrupted() const {
    interrupted_ = interrupts && !interrupted_;
    if (interrupted_) {
      errno = EINTR;
    }
    return interrupted_;
  }

  mutable bool interrupted_ = false;
};

// Runs `work` in a child process; true when the child was killed before its end.
inline bool is_killed(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace lrcn::test
